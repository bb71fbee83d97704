"""The same lines for a real busybox and for ours: languages, dumps, differences, archives, disks."""

# ruff: noqa: E501 - a line of shell is not broken for the sake of its length
from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from fakedocker.programs.catalogue import STANDARD

BUSYBOX = shutil.which("busybox")
JQ = shutil.which("jq")
#: The versions whose answers ours are; others differ in details.
VERSION, JQ_VERSION = b"v1.35.0", b"jq-1.6"

#: The files that the lines are about.
FILES = r"""printf 'one 10\ntwo 20\nthree 30\nfour 40\n' > f
printf 'one 10\n2 20\nthree 30\nfive\nfour 40\n' > f2; printf 'one  10\ntwo 20 \nthree 30\nfour 40\n' > f3
printf 'one 10\n\ntwo 20\nthree 30\n\nfour 40\n' > f4; : > e; printf 'one 10\ntwo 20\nthree 30\nfour 40' > nonl
printf 'a,b,c\nabc,Q\nX,Y\n\nz,y\n' > g; echo '{print "p" $1}' > p.awk; echo 48656c6c6f0a > h
printf 'AB\000\001\n\377hello world\tq\n' > b; { yes '' | head -100 | tr '\n' '\0'; echo end; } > z
seq 30 > s1; seq 30 | sed '5s/$/x/;20d;25a new' > s2; printf 'a\tb\n' > t1; printf 'a b\n' > t2
mkdir d1 d2; echo a > d1/x; echo b > d2/x; echo c > d1/only1; echo d > d2/only2; echo same > d1/s; echo same > d2/s
touch -d @0 f d1/x d1/s d1/only1 d1
"""

LINES = [
    "awk '{print $1}' f; awk '{print $NF, NF, NR}' f; awk 'END{print $0, NR, FNR, FILENAME}' f g",
    "printf 'root:x:0\\n' | awk -F: '{print $1, $3}'; awk -F, '{print $2}' g; awk -Ft '{print $2}' f; awk -F '[ 0]+' '{print $2; print NF}' f",
    "awk 'BEGIN{print 1/3, 1e6, 1e20, 0.1+0.2, 100000000000, 1e15, 1e-5, 100/3, -0, 123456789, 1234567.5}'",
    'awk \'BEGIN{printf "%5.2f|%-5d|%05d|%s|%c|%x|%o|%X|%e|%g|%i|%%|%5s|%-5s|%.2s|%c|%+d|% d\\n", 3.14159, 42, 7, "s", 65, 255, 8, 255, 12345.678, 0.0001, 5.7, "ab", "ab", "abc", "hello", 3, 4}\'',
    "awk '/two/,/four/' f; awk '/two/,/two/{print NR}' f; awk 'NR==2{print; exit} END{print \"e\"}' f; awk 'NR==1,NR==2' f; awk 'NR%2' f",
    "awk '{s+=$2} END{print s, s/NR}' f; awk '{a[$1]++} END{for(k in a) print k, a[k]}' f; awk '!seen[$1]++' f f",
    'awk \'BEGIN{x["a","b"]=1; for(k in x){split(k,p,SUBSEP); print p[1],p[2]}; if (("a","b") in x) print "in"; delete x["a","b"]; print length(x)}\'',
    "awk 'function f(n){return n<2?1:n*f(n-1)} BEGIN{print f(10)}'; awk 'function f(a){a[\"x\"]=1} BEGIN{f(b); print b[\"x\"]; g=5; print g++ + ++g, g}'",
    'awk \'function g(a, i,  s){for(i=1;i<=3;i++) s = s a; return s} BEGIN{i=9; print g("x"), i, s "|"}\'; awk \'function f(x){x=2} BEGIN{y=1; f(y); print y; print f(1) "|"}\'',
    'awk \'BEGIN{s="hello world"; gsub(/o/,"[&]",s); print s; print sub(/l+/,"L",s), s}\'; awk \'{gsub(/[0-9]+/,"<&>"); print; print $2}\' f; awk \'{sub("t","T",$1)}1\' f',
    'awk \'BEGIN{s="aaa"; print gsub(/x*/,"-",s), s; t="abc"; gsub(/b/,"\\\\&",t); print t; u="a.b"; gsub(".","x",u); print u; v="a.b"; gsub("\\\\.","x",v); print v; w="baaac"; gsub(/a*/,"-",w); print w; y="aba"; gsub(/^a/,"x",y); print y; z="aa"; gsub(/a$/,"b",z); print z}\'',
    'awk \'BEGIN{print substr("hello",2,3), substr("hello",2), substr("hello",0,2), substr("hello",-1), substr("hello",10) "|", index("hello","l"), index("a",""), length("abc"), toupper("aB1"), tolower("aB1")}\'',
    'awk \'BEGIN{print match("foobar",/o+/), RSTART, RLENGTH; print match("x",/y/), RSTART, RLENGTH; print "ab" ~ "^a", "ab" !~ /b$/}\'',
    "awk '$2 > 15' f; awk '$1 ~ /^t/ {print $1}' f; awk '$1 == \"two\"' f; awk '$2 >= 20 && $2 < 40 || /one/' f; awk 'length > 6' f; awk '!/o/' f",
    "awk 'BEGIN{while(i<3){i++; if(i==2) continue; print i}}'; awk 'BEGIN{do{i++; print i}while(i<2)}'; awk 'BEGIN{for(;;){if(++n>3)break}; print n; for(i=0;i<3;i++) printf i \" \"; print \"\"}'",
    "awk 'BEGIN{OFS=\"-\"} {$1=$1; print}' f; awk '{$3=\"x\"; print; print NF}' f; awk '{NF=1; print}' f; awk '{$2=\"\"}1' f; awk '{$5=\"e\"; print; print NF}' f",
    "awk -v x=5 'BEGIN{print x+1, x \"a\"}'; awk '{print x, $1}' x=1 f x=2 f; awk -v 'x=a\\tb' 'BEGIN{print x}'; awk -v x=10 'BEGIN{print (x>9)}'",
    "awk 'BEGIN{while((getline l < \"f\")>0) n++; print n}'; awk 'BEGIN{\"echo hi\" | getline x; print x; \"echo a b\" | getline; print $2, NR}'; awk 'NR==1{getline; print} NR==3{getline z; print z, NR}' f",
    'awk \'{print > "o"} END{close("o"); while((getline l < "o")>0) print "r" l}\' f; awk \'{print $1 | "sort"}\' f; awk \'{print >> "q"}\' f; cat q; awk \'BEGIN{print "x" | "cat"; close("cat"); print "y"}\'',
    'awk \'BEGIN{RS=""} {print NR": "$1 "/" NF}\' g; awk \'BEGIN{RS=","} {print NR": "$0}\' g; awk \'BEGIN{RS="";FS=","} {print $3}\' g; printf \'a12b3c\' | awk -v RS=\'[0-9]+\' \'{print}\'',
    'awk \'BEGIN{print -3 % 2, 7.5 % 2, 1==1.0, "a"<"b", 10<9, "10"<"9", !x, !"a", !"0", !0, -"3x", x==0, x=="", 1 " " -1, 1 -1, 2 * 3 "x"}\'',
    "echo '10 9 abc 1e1 +5 0x10' | awk '{print ($1>$2), ($1==$4), ($3>$1), $5+0, $6+0, ($5==5), $1\"\"<$2\"\"}'; echo ' 5 ' | awk -F, '{print ($1==5), $1*2}'",
    "awk 'BEGIN{print length()}' f; awk '{print length}' f; awk '{next; print} END{print FNR, FILENAME}' f; awk 'FNR==1{print FILENAME}' f g; awk 'FNR==2{nextfile} {print}' f g",
    "awk 'BEGIN{print ENVIRON[\"HOME\"]; print ARGC, ARGV[1]; exit 3; print 1} END{print \"end\"}' f; echo $?; awk 'BEGIN{exit} END{print 1}'; awk 'END{exit 2}' f; echo $?; awk '{exit 1} END{print \"e\"; exit}' f; echo $?",
    'awk \'BEGIN{printf "%s %s|\\n", "a"; printf "%d %d\\n", "12abc", "x"; printf("%s %s\\n", "a", "b"); print("x","y"); print("x")("y")}\'',
    'awk \'BEGIN{print 1 > "/dev/stderr"; print 2 > "/dev/stdout"; print 3}\'; awk \'BEGIN{r=system("echo s; exit 3"); print r; print close("x"); "exit 4" | getline; print close("exit 4")}\'',
    'awk \'{delete a; a[1]=1; delete a[1]; print length(a)}\' f; awk \'BEGIN{if (!(3 in a)) print "no"; a[3]; if (3 in a) print "yes"; for (i=0;i<20;i++) a[i]=i; for (k in a) printf k " "; print ""; for (k in a) delete a[k]; print length(a)}\'',
    'awk \'BEGIN{a["foo"];a["bar"];a["baz"];a["x1"];a["zz top"];a[""];for(k in a)print "<" k ">"}\'',
    "awk '{ print NR \":\" $0 }' nosuch; echo $?; awk -f p.awk f; awk -f nosuch; echo $?; awk '{print' f; echo $?; awk '}'; echo $?; awk 'BEGIN{print 1/0}'; echo $?; awk 'BEGIN{f(1)}'; echo $?",
    'awk \'BEGIN{print "a\\tb\\\\\\"c\\/" "\\101\\x41"}\'; awk \'BEGIN{print "a" \\\n "b"}\'; awk \'BEGIN { # comment\n print 1 # more\n print 2; ; print 3 }\n\nEND { }\' f',
    "awk 'BEGIN{print int(3.9), int(-3.9), int(\"3x\")}'; awk 'BEGIN{x=1; x+=2; x*=3; x-=1; x/=4; x%=3; print x, x++, ++x, x--, --x, x}'; awk 'BEGIN{a=b=3; print a, b; print 1?2:3, 0?2:3, 1?0?1:2:3}'",
    "awk '/a(b|c)+/{print}/^[[:upper:]]/{print \"U\"}' g; echo 'a/b' | awk '/a\\/b/{print \"slash\"}'; echo 'a.b' | awk '/a\\.b/'; echo '[x]' | awk '/[[]x[]]/'; printf 'a\\tb\\n' | awk '/\\t/{print \"tab\"}'; echo 'ab' | awk '/^(a|b)*$/'",
    'awk \'BEGIN{n=split("a b  c",x); print n, x[3]; n=split("a:b:c",x,":"); print n, x[1]; n=split("abc",x,""); print n, x[2]; n=split("",x); print n; n=split("a1b22c",x,/[0-9]+/); print n,x[3]; n=split("a.b",x,"."); print n}\'',
    'awk \'BEGIN{CONVFMT="%.2g"; a=3.14159; b=a ""; print b; OFMT="%.3f"; print a, 17, 1e6}\'; awk \'BEGIN{ORS="|"; OFS=","; print 1,2; print "x"; $0="a b"; $1=$1; print; print NF}\'; echo',
    'awk \'BEGIN{$0="a b c"; print NF, $2; $5="e"; print; NF=2; print; $0="x"; print NF; $3=""; print; print $(1) $NF "|"; print $(1+1) "|"}\'; awk \'BEGIN{$(-1)="x"}\'; echo $?',
    "awk 'BEGIN{while (\"echo a; echo b\" | getline > 0) print $0, NR}'; awk 'BEGIN{getline; print \"got \" $0}' f; awk 'BEGIN{print (getline y < \"nosuch\")}'; awk 'BEGIN{print > \"/x/y\"}'; echo $?; echo in | awk '{getline x < \"-\"; print $0 x}'",
    'awk \'BEGIN{print length("\\303\\244"), toupper("\\303\\244b")}\'; awk \'BEGIN{print tolower("ABC") toupper("x"); print strftime("%Y-%m-%d", 0); print and(12,10), or(12,10), xor(12,10), lshift(1,4), rshift(16,2)}\'',
    'awk \'BEGIN{print gensub(/b/,"x","g","abcb"), gensub(/(b)(c)/,"\\\\2\\\\1",1,"abc"), gensub(/b/,"x",2,"abcb")}\'; awk \'BEGIN{print length "x"}\'; awk \'BEGIN{print sprintf("%03d-%s", 7, "a")}\'',
    "seq 100 | awk '$1%10==0{n++} END{print n}'; ls / | awk 'NR==1{print NF}'; printf 'a b\\n' | awk '{t=$1;$1=$2;$2=t;print}'; printf 'k=v\\n' | awk -F= '{print $2}';",
    'awk \'BEGIN { if (1) { print "a" } else print "b"; if (0) print "c"; else if (1) print "d"\nelse print "e"\nif (0)\nprint "f"\nelse\nprint "g" }\'; awk \'BEGIN{for (i in a) print; while (i++ < 2) ; print i}\'',
    "echo a:b | awk '{FS=\":\"; print $1; print $2}'; printf 'a:b\\nc:d\\n' | awk '{FS=\":\"; print $1}'; echo aXbxc | awk 'BEGIN{IGNORECASE=1; FS=\"x\"} /A/{print $2}'; echo 'a  b' | awk -F' ' '{print $2}'; echo 'a||b' | awk -F'|' '{print $3}'; echo 'a b' | awk -F'\\t' '{print $1}'",
    'awk \'BEGIN{x[1]=2; x[1]+=3; x["q"]++; print x[1], x["q"], x[1]++ + x[1]; $3=7; print NF; print -$3, !$3}\'; awk \'BEGIN { print 1,\n 2; print 1 &&\n 0; print 2 < 3 ? "lt" : "ge" }\'; cat 3 2>/dev/null',
    "awk 'function a(n){if(n==0)return 0; return 1+a(n-1)} BEGIN{print a(200)}'; awk 'function fib(n){return n<2?n:fib(n-1)+fib(n-2)} BEGIN{print fib(12)}'; awk 'function p(x){print \"p\" x; return x} BEGIN{print p(1)+p(2)*p(3)}'; awk 'function f(a,k){return a[k]} BEGIN{b[1]=7; print f(b,1)}'",
    "awk 'BEGIN{for(i=0;i<500;i++)a[\"key number \" i]; for(k in a)printf k \" \"}'; printf 'hello ll\\n' | awk '{print gsub(/l*/,\"x\"); print}'; echo abcabc | awk '{gsub(/b?/,\"-\");print}'",
    "yes | awk 'NR==3{exit} {print NR}'; awk 'BEGIN{while(1) if (i++ > 1000) exit; }'; awk 'BEGIN{printf \"a\"; system(\"printf b\"); printf \"c\\n\"}'; awk '{print NR; fflush()}' f",
    'awk \'BEGIN{print index("foobar","bar") substr("x",1,0) "|"; print 010, 0x10, "0x10"+0, 1e2, .5, 5., 1.e1}\'; awk \'BEGIN{print substr("hello",1.5,1.5), substr("hello",1.4), substr("hello",2.6)}\'',
    "awk 'BEGIN{print substr(\"x\")}'; echo $?; awk 'BEGIN{ \"a\" = 1}'; echo $?; awk '/x' f; echo $?; awk 'BEGIN{print \"abc'; echo $?; awk 'BEGIN { printf \"%z\\n\", 1 }'; echo $?; awk 'BEGIN{next}'; echo $?; awk 'BEGIN{print 1; print 2/0}'; echo $?",
    "awk 'BEGIN{a[\"x\"]=1; f(a); print a[\"x\"]} function f(z){z[\"x\"]=5}'; awk 'func f(x) {return x*2} BEGIN{print f(f(2))}'; awk 'BEGIN{print 1\nprint 2}'; awk 'BEGIN {print 1} END {print 2}' /dev/null; awk '1;0;NR==2{print \"second\"}' f",
    'awk \'BEGIN { print toupper(substr("abc", 1, 1)) substr("abc", 2); print 1 + 2 " " 3 * 4; print 2 - 1 "" 5; print "a" > "out"; print "b" > "out" }\'; cat out; awk -e \'BEGIN{print 1}\' -e \'END{print 2}\' /dev/null',
    "printf 'x y z\\n' | awk '{for (i=NF;i>0;i--) printf \"%s%s\", $i, (i>1?OFS:ORS)}'; printf '3\\n1\\n2\\n' | awk '{a[NR]=$1} END{for(i=1;i<=NR;i++) for(j=i+1;j<=NR;j++) if(a[i]>a[j]){t=a[i];a[i]=a[j];a[j]=t}; for(i=1;i<=NR;i++) print a[i]}'; printf 'a,b;c\\n' | awk -F'[,;]' '{print $1 $2 $3}'",
    "od b; od -c b; od -x b; od -An -tx1 b; od -A d -c b; od -tx1 -N 4 b; od -j 3 -c b; od -An -t u1 b; od -t x4 b; od -v -b b; od -d b; od -o b; od -An -td2 b; od -w8 -tx1 b",
    "od -c z; od -v z | head -3; od -a b; od -tc -tx1 b; od -tx1 -Ax b; od -td1 b; od -i b; od -l b; od -s b; od -h b; od nosuch; echo $?; od -N 0 b; od -j 100 b; echo $?; od -An -c e; od e; od -tq b; echo $?",
    "printf 'abc' | od -An -tx1; printf '\\377' | od -An -td1; printf '12345678' | od -An -tu4; printf '12345678' | od -An -tx8; printf '12345678' | od -An -to8; printf '12345678' | od -An -tx; printf '12345678' | od -An -td4; printf 'abcdefg' | od -An -tx1 -w3; od -A x -t x1 -v f | head -1; od -Anx2 f; echo $?",
    "hexdump b; hexdump -C b; hexdump -c b; hexdump -d b; hexdump -v -n 5 b; hexdump -C z; hexdump -x b; hexdump -b b; hexdump -o b; hexdump -s 3 -C b; hexdump -C -n 3 b; hexdump e; hexdump nosuch; echo $?; printf abc | hexdump; printf abc | hexdump -C; hexdump -v z | tail -2; hexdump z",
    'hexdump -v -e \'1/1 "%02x "\' b; echo; hexdump -e \'16/1 "%02x " "\\n"\' b; hexdump -ve \'"%08_ax: " 4/4 "%08x " "\\n"\' b; hexdump -ve \'1/1 "%c"\' f; hexdump -v -e \'/1 "%02X"\' b; echo; hexdump -e \'"%x"\' f; echo; hexdump -v -e \'8/1 "%3d " "\\n"\' b',
    "xxd b; xxd -p b; xxd -r -p h; xxd -l 3 b; xxd -c 4 b; xxd -g 1 b; xxd -s 3 b; xxd -i b; xxd nosuch; echo $?; xxd -p z; xxd -p b | xxd -r -p | cmp - b; xxd -g 4 b; printf '' | xxd; xxd -c 3 -g 1 h",
    "strings b; strings -n 2 b; strings -f b; strings -t x b; strings -o b; strings nosuch; echo $?; strings < b; strings f",
    "diff f f; echo $?; diff f f2; diff -u f f2; diff -q f f2; diff -r d1 d2; diff -i f f2; diff -b f f3; diff -w f f3; diff nosuch f; echo $?; diff f nosuch; echo $?; diff -u f e; diff -u e f; diff -B f f4; echo $?",
    "diff -U 0 f f2; diff -U 1 f f2; diff f nonl; diff nonl f; diff -s f f; diff - f < f2; diff -N nosuch f; diff d1 d2; diff -ur d1 d2; diff -L a -L b f f2; diff f b; echo $?; diff s1 s2; diff -U 1 s1 s2; diff -rq d1 d2; diff -rN d1 d2",
    "diff d1/x d2; diff f d1; echo $?; diff -L a f f2; diff -T f f2; diff -b t1 t2; diff -w t1 t2; diff t1 t2; diff -N f nosuch; diff -r d1 nosuch; echo $?; mkdir d1/sub d2/sub; echo q > d1/sub/q; diff -r d1 d2; diff d1 d2; mkdir d1/solo; echo z > d1/solo/z; diff -r d1 d2",
    "seq 100 | sed '10d;50s/$/x/;51s/$/y/;90a z' > m; seq 100 > n; diff n m; seq 20 | sort > q; seq 20 > p; diff p q; printf 'a\\nb\\nc\\na\\nb\\nb\\na\\n' > v; printf 'c\\nb\\na\\nb\\na\\nc\\n' > w; diff v w",
    "cmp f f; echo $?; cmp f f2; echo $?; cmp -l f f2; cmp -s f f2; echo $?; cmp f nosuch; echo $?; cmp e f; echo $?; cmp f nonl; cmp f f2 2 2; cmp -n 3 f f2; echo $?; cmp -l f nonl; cmp - f < f2",
    "tar cf t.tar d1 f; tar tf t.tar | sort; tar tvf t.tar f; mkdir x; tar xvf t.tar -C x | sort; ls x x/d1; cat x/f; tar xf t.tar -C x d1/x; tar xf t.tar nosuch; echo $?; tar tf nosuch; echo $?; tar cf n.tar nosuch; echo $?; wc -c n.tar",
    "tar czf t.tgz d1; tar tzf t.tgz | sort; tar tf f; echo $?; tar -c -f - f | tar t; tar cvf - f | wc -c;  tar cf - f | tar xOf - f; tar cf c.tar; echo $?; tar xf t.tgz -C nosuchd; echo $?",
    "tar cf t.tar -C d1 x s; tar tf t.tar; ln -s f ln; ln f hl; tar cf l.tar ln f hl; tar tvf l.tar | tail -2; rm ln hl; tar xf l.tar; readlink ln; cat hl; mkdir e2; cd e2; tar xf ../l.tar; ls; tar xkf ../l.tar; echo $?",
    "mkdir -p p/q; echo 1 > p/q/r; tar cf t.tar p; rm -r p; tar xf t.tar --strip-components=1; cat q/r; tar cf t.tar ./q; tar tf t.tar; tar cf t.tar q/; tar tf t.tar; tar cf - q | gzip | zcat | tar t; tar -cz q | tar -tz; tar x -f t.tar -v",
    "seq 2000 > big; tar cjf t.tbz big; tar tjf t.tbz; rm big; tar xjf t.tbz; wc -l big; chmod 600 f; tar cf t.tar f; tar tvf t.tar | cut -c1-20; rm f; tar xf t.tar; ls -l f | cut -c1-10",
    "echo hello > gz; gzip gz; ls gz*; gunzip gz.gz; ls gz*; gzip -k gz; gzip gz; echo $?; gunzip -c gz.gz; zcat gz.gz; gzip nosuch; echo $?; gunzip nosuch; echo $?; gunzip f; echo $?; gzip -d gz.gz; echo $?; gzip -c f | gunzip",
    "echo hello > gz; gzip gz; gunzip -t gz.gz; echo x | gunzip; echo $?; echo hi | gzip | zcat; gzip -9f gz.gz; ls gz*; gzip d1; echo $?; seq 1000 | gzip | gunzip | tail -1; (echo a | gzip; echo b | gzip) | zcat; zcat nosuch; echo $?; zcat < /dev/null; echo $?",
    "echo hello > b; bzip2 b; ls b*; bunzip2 b.bz2; cat b; echo q | bzip2 | bzcat; cp f x.tar; gzip x.tar; mv x.tar.gz x.tgz; gunzip x.tgz; ls x*; seq 100000 | gzip -1 | wc -c | grep -c .; seq 300000 | gzip | gunzip | wc -l",
    "paste f g; paste -s f; paste -s -d '+' f; seq 5 | paste - -; seq 5 | paste -sd+ -; paste nosuch; echo $?; seq 4 | paste -d '' - -; paste - f < f2; seq 3 | paste",
    "fold -w 3 f; fold -s -w 5 f; fold -b -w 4 f; fold nosuch; echo $?; fold -w 0 f; printf 'a\\tb\\tc\\n' | fold -w 9; echo 'aaa bbb ccc ddd' | fold -s -w 8; printf 'no newline' | fold -w 4; seq 100 | tr -d '\\n' | fold | head -1",
    "printf 'a\\tb\\tc\\n' > tt; expand tt; expand -t 4 tt; expand -i tt; unexpand tt; printf '        a       b\\n' | unexpand; printf '        a       b\\n' | unexpand -a; expand nosuch; echo $?; printf '\\t\\ta\\tb\\n' | expand -i",
    "shuf -n 1 /dev/null; shuf -e x -n 1; shuf -i 3-3; shuf -i 5-1; seq 10 | shuf | sort -n | tail -1; seq 10 | shuf -n 3 | wc -l",
    "dd if=f of=o bs=4 count=2; dd if=f of=o bs=4 skip=1 status=none; cat o; dd if=f bs=3 count=1; cp o q; dd if=f of=q conv=notrunc bs=1 seek=2 count=2; cat q; dd if=nosuch; echo $?; dd if=/dev/zero of=zz bs=1k count=3; wc -c zz; dd if=/dev/zero of=zz bs=1M count=2 status=noxfer",
    "dd bs=x; echo $?; dd if=f of=/x/y; echo $?; echo 123456789 > o; dd if=f of=o bs=4 seek=3; od -c o; dd if=f ibs=3 obs=5 of=o; dd if=f conv=ucase; echo $?; dd if=f of=o count=0; wc -c o; dd if=f of=o bs=5 conv=sync; od -c o; dd if=f bs=10 2>/dev/null; echo hello | dd bs=2 count=1 2>/dev/null; echo abcd | dd conv=swab 2>/dev/null; cat f | dd 2>&1 | tail -1",
    "dd if=/dev/zero bs=512 count=2 2>/dev/null | wc -c; dd if=f of=o bs=2 skip=3 count=4 iflag=skip_bytes,count_bytes; cat o; echo; echo xyz | dd of=o oflag=append conv=notrunc 2>/dev/null; cat o; dd count=1kx; echo $?",
    "mkdir -p du/a; head -c 5000 /dev/zero > du/a/x; head -c 100 /dev/zero > du/y; du du; du -s du; du -sh du; du -a du | sort; du -k du; du -m du; du nosuch; echo $?; du -d 0 du; du du/y; du -h du/a; du -c du; cd du; du; du -s .; du -s *",
    "mkfifo ff; ls -l ff | cut -c1-10; mkfifo ff; echo $?; mkfifo -m 600 fg; ls -l fg | cut -c1-10; mknod nn p; echo $?; sync; sync nosuch; echo $?; clear; less f; less nosuch; echo $?; more f; more nosuch; less f g; seq 3 | more",
]

#: The document that the lines for jq are about.
DOCUMENT = r"""
cat > j <<'E'
{"name":"web","id":7,"tags":["a","b","c"],"sub":{"x":1.5,"y":null,"z":true},"list":[{"n":"p","v":3},{"n":"q","v":1},{"n":"r","v":2}],"s":"a\"b\tc\u00e9","e":[],"o":{}}
E
"""

JQ_LINES = [
    "jq . j; jq -c . j; jq .name j; jq -r .name j; jq '.tags[0]' j; jq '.tags[-1]' j; jq -c '.tags[1:]' j; jq -c '.tags[:2]' j; jq '.tags[]' j; jq .nosuch j; jq '.sub.x' j; jq '.sub[\"x\"]' j; jq '.\"name\"' j; jq -r '.s' j",
    "jq '.name.x' j; echo $?; jq '.nosuch.x' j; jq '.name[0]' j; echo $?; jq '.name.x?' j; echo $?; jq '.list[].n' j; jq -r '.list[] | \"\\(.n)=\\(.v)\"' j; jq -c '.list | map(.v)' j; jq '.list | length' j; jq -c 'keys' j; jq -c '.list[] | select(.v > 1)' j",
    "jq -c '{name, id}' j; jq -c '{a: .name, b: (.id + 1), \"c d\": .tags[0]}' j; jq -c '[.list[] | {(.n): .v}] | add' j; jq -c '.list | sort_by(.v) | map(.n)' j; jq -c '.list | map(select(.n != \"q\")) | .[0]' j; jq -c '.list | group_by(.v > 1) | map(length)' j; jq '.list | max_by(.v).n' j; jq '.list | min_by(.v).n' j",
    "jq -c 'to_entries[0:2]' j; jq -c '.sub | with_entries(.key |= \"k_\" + .)' j; jq -c '.sub | to_entries | from_entries' j; jq '.sub.y // \"default\"' j; jq '.id // 1' j; jq '.id == 7 and .name == \"web\"' j; jq '.id > 8 or false' j; jq 'if .id > 5 then \"big\" elif .id > 3 then \"mid\" else \"small\" end' j; jq '.sub.z | not' j",
    'jq -n \'1 + 2 * 3, 7 / 2, 7 % 3, -1, 1e3, 1e17, 1e18, 0.1 + 0.2, 100000000000000000000, 3.0, 1.50\'; jq -n \'"a" + "b", [1] + [2], {a:1} + {b:2}, null + 1, [1,2,3] - [2], "ab" * 3, ("a,b" / ",")\' -c; jq -n \'{} | .a.b = 1\' -c; jq -n \'[1,2] | .[1] += 5\' -c',
    "jq -c '.tags |= map(ascii_upcase)' j; jq -c 'del(.list, .s, .e, .o)' j; jq -c 'del(.tags[0]) | .tags' j; jq -c '.id |= . + 1 | .id' j; jq -c '[paths] | length' j; jq -c '[leaf_paths] | .[0:3]' j; jq -c '[.. | numbers]?' j; jq -c '[..] | length' j; jq -c 'path(.list[0].v)' j; jq -c '.sub | map_values(. == null)' j",
    "jq -c '.tags | join(\",\")' j; jq -r '.tags | @csv' j; jq -r '.tags | @tsv' j; jq -r '.tags | @sh' j; jq -r '.name | @base64' j; jq -r '\"d2Vi\" | @base64d' j; jq -r '@json' j; jq -r '.tags | @json' j; jq -r '@uri \"x=\\(.s)\"' j; jq -r '\"<&>\" | @html' j; jq -r '.id | tostring' j; jq '\"12\" | tonumber' j; jq '\"x\" | tonumber' j; echo $?",
    'jq \'.name | test("^w")\' j; jq \'.name | startswith("w"), endswith("b"), ltrimstr("w"), rtrimstr("b"), length, ascii_upcase, explode[0]\' j; jq -c \'"a-b-c" | split("-")\' j; jq \'"foo" | sub("o"; "0"), gsub("o"; "0")\' j; jq -c \'[range(3)], [range(1;4)], [limit(2; .tags[])], first(.tags[]), ([1,[2,[3]]] | flatten)\' j; jq -c \'[3,1,2,1] | sort, unique, min, max, add, reverse, any, all, length\' j',
    "jq -c 'reduce .list[] as $i (0; . + $i.v)' j; jq -c '[foreach .list[] as $i (0; . + $i.v)]' j; jq -c '.name as $n | .tags | map($n + .)' j; jq --arg x 5 -c '{x: $x}' j; jq --argjson x 5 -c '{x: $x}' j; jq -c '[.tags[] as $t | $t + \"!\"]' j; jq -n '$ENV.HOME, env.HOME'; jq -c '.[\"tags\",\"id\"]' j; jq -c '(.tags, .id)' j; jq -c '[.list[] | .v, .n]' j",
    "jq -s -c . <<E\n1 2\n3\nE\necho '1 2 [3]' | jq -c .; jq -n 'input_line_number' </dev/null; printf 'a\\nb\\n' | jq -R .; printf 'a\\nb\\n' | jq -Rs .; jq -j '.tags[]' j; echo; jq -S -c . j; jq -e .sub.y j; echo $?; jq -e .id j; echo $?; jq -e empty j; echo $?; jq --tab .sub j; jq --indent 1 .sub j; jq -r '.tags[], .id' j; jq -c '.tags | contains([\"a\"]), (index(\"b\")), has(0), (.[5])' j",
    "jq 'type' j; jq -c 'map(type)' j; jq -c '.sub | has(\"x\"), has(\"q\")' j; jq 'error(\"boo\")' j; echo $?; jq '.[0]' j; echo $?; jq '.[]?' -c j | head -2; jq -c 'try error(\"x\") catch .' j; jq 'try .name.x catch \"c\"' j; jq -c '.tags | first, last, nth(1)' j; jq '.list[1:] | length' j; jq -c '. as {name: $n} | $n' j 2>/dev/null | head -0; jq -c '[.[] | scalars?] | length' j 2>/dev/null | head -0",
    "jq '.tags | .[' j 2>/dev/null; echo $?; jq nosuch j 2>/dev/null; echo $?; jq '$x' j 2>/dev/null; echo $?; jq . nosuch; echo $?; echo '{\"a\":1} x' | jq -c . 2>/dev/null; echo $?; echo '' | jq .; echo $?; echo '{' | jq . 2>/dev/null; echo $?; jq -c '.e, .o, {}, []' j; jq '.e' j; echo '\"\\u0001\\u007f/\"' | jq .; jq -n '\"\\u00e9\"'; echo '[1,1.0,1.5,1e-7,12345678901]' | jq -c .",
    "jq -n '[1,2] == [1,2], {a:1} == {a:1.0}, null < false, \"a\" < \"b\", [] < {}' -c; jq -n '[{a:2},{a:1}] | sort' -c; jq -n '1 as $x | 2 as $y | [$x,$y]' -c; jq -n '[.[]?]' -c; jq -n '{a:(1,2)}' -c; jq -n '[1,2,3] | map(. * 2) | add'; jq -n '5 | floor, sqrt, tostring' -c; jq -n '1.7 | floor, ceil, round' -c; jq -n '\"x\" as $a | \"y\" | . + $a'; jq -n '[1,null,2] | map(select(.))' -c; jq -n '{\"a\":{\"b\":1}} * {\"a\":{\"c\":2}}' -c; jq -n '[] | first' ; jq -n '{} | keys' -c; jq -n '\"abc\" | .[1:2]'; jq -n '[1,2,3] | .[1:] = [9]' -c 2>/dev/null | head -0; jq -n 'null | length, not' -c; jq -n '\"a\" | ascii_downcase, @text'",
]


def run_really(directory: Path, programs: Path, script: str) -> tuple[str, str, int]:
    """Run a script in the real busybox's shell; return what it printed and its exit code."""
    real = subprocess.run(
        ["sh", "-c", script],
        executable=BUSYBOX,
        cwd=directory,
        env={"PATH": str(programs), "HOME": "/root"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=20,
        check=False,
    )
    code = real.returncode if real.returncode >= 0 else 128 - real.returncode
    return os.fsdecode(real.stdout), os.fsdecode(real.stderr), code


@pytest.fixture(scope="session")
def applets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory in which each of our programs is the real busybox's."""
    if BUSYBOX is None:
        pytest.skip("busybox is not installed: apt-get install busybox-static (or apk add busybox)")
    if VERSION not in subprocess.run([BUSYBOX], capture_output=True, check=False).stdout:
        pytest.skip(f"busybox is not {VERSION.decode()}")
    directory = tmp_path_factory.mktemp("applets")
    for name in STANDARD:
        if name != "jq":
            (directory / name).symlink_to(BUSYBOX)
    if JQ is not None:
        (directory / "jq").symlink_to(JQ)
    return directory


@pytest.mark.parametrize("line", LINES)
def test_a_line_does_what_it_does_in_busybox(container, applets: Path, tmp_path: Path, line: str) -> None:
    ours = container.run("sh", "-c", FILES + line, under_init=True)
    assert (ours.out, ours.err, ours.code) == run_really(tmp_path, applets, FILES + line)


@pytest.mark.parametrize("line", JQ_LINES)
def test_a_line_does_what_it_does_in_jq(container, applets: Path, tmp_path: Path, line: str) -> None:
    if JQ is None or JQ_VERSION not in subprocess.run([JQ, "--version"], capture_output=True, check=False).stdout:
        pytest.skip("jq 1.6 is not installed: apt-get install jq")
    ours = container.run("sh", "-c", DOCUMENT + line, under_init=True)
    assert (ours.out, ours.err, ours.code) == run_really(tmp_path, applets, DOCUMENT + line)
