// One conversation with a daemon by way of dockerode: argv are the address, the version of the API ('' for none) and a
// name that nobody else has. What came of each step is printed as one JSON object.
'use strict';

const { Readable, Writable } = require('node:stream');
const { once } = require('node:events');
const { setTimeout } = require('node:timers/promises');
const Docker = require('dockerode');

const [address, version, name] = process.argv.slice(2);
const url = new URL(address);
const where = url.protocol === 'unix:' ? { socketPath: url.pathname } : { host: url.hostname, port: url.port };
const docker = new Docker(version ? { ...where, version } : where);
const seen = {};

// A stream that keeps what is written to it.
function kept() {
  const pieces = [];
  const stream = new Writable({ write(piece, _, done) { pieces.push(piece); done(); } });
  stream.text = () => Buffer.concat(pieces).toString();
  return stream;
}

// Both outputs of a stream that has them in frames, once it has ended.
async function outputs(stream) {
  const [stdout, stderr] = [kept(), kept()];
  docker.modem.demuxStream(stream, stdout, stderr);
  await once(stream, 'end');
  return [stdout.text(), stderr.text()];
}

function progress(stream) {
  return new Promise((resolve, reject) =>
    docker.modem.followProgress(stream, (error, told) => (error ? reject(error) : resolve(told))));
}

async function refused(promise) {
  try {
    await promise;
    return null;
  } catch (error) {
    return [error.statusCode, error.json?.message ?? error.reason];
  }
}

// A tar of one file, as small as it can be.
function tar(path, text) {
  const header = Buffer.alloc(512);
  header.write(path, 0);
  header.write('0000644\0' + '0000000\0'.repeat(2) + text.length.toString(8).padStart(11, '0') + '\0' + '0'.repeat(11) + '\0', 100);
  header.write('        0', 148);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(sum.toString(8).padStart(6, '0') + '\0 ', 148);
  const content = Buffer.alloc(Math.ceil(text.length / 512) * 512);
  content.write(text);
  return Buffer.concat([header, content, Buffer.alloc(1024)]);
}

async function converse() {
  seen.ping = String(await docker.ping());
  if (process.env.IMAGE) await progress(await docker.pull('busybox:latest'));
  seen.images = (await docker.listImages()).flatMap((one) => one.RepoTags ?? []).includes('busybox:latest');

  const events = await docker.getEvents({ filters: { container: [name] } });
  const told = [];
  events.on('data', (data) => data.toString().split('\n').filter(Boolean).forEach((line) => told.push(JSON.parse(line).Action)));

  // A conversation over an attached container: what is written to it is read, and it hears when nothing more comes.
  const talker = await docker.createContainer({
    name, Image: 'busybox', Cmd: ['sh', '-c', 'cat; echo over >&2; exit 3'], OpenStdin: true, StdinOnce: true,
    AttachStdin: true, AttachStdout: true, AttachStderr: true, Labels: { who: 'dockerode' },
  });
  const line = await talker.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true });
  const said = outputs(line);
  const ended = talker.wait({ condition: 'next-exit' });
  await talker.start();
  line.write('over the wire\n');
  line.end();
  seen.attached = await said;
  seen.waited = (await ended).StatusCode;
  seen.logs = (await talker.logs({ stdout: true, stderr: false })).subarray(8).toString();
  const { State, Config } = await talker.inspect();
  seen.inspected = [State.Status, State.ExitCode, Config.Labels];
  seen.again = await refused(docker.createContainer({ name, Image: 'busybox' })).then((error) => error[0]);
  await talker.remove();
  seen.gone = await refused(talker.inspect());

  // A command in a container that runs, what follows its log, and files in and out.
  const runner = await docker.createContainer({ Image: 'busybox', Cmd: ['sh', '-c', 'echo up; sleep 1000'] });
  await runner.start();
  const command = await runner.exec({
    Cmd: ['sh', '-c', 'echo out; echo err >&2; cat; exit 4'], AttachStdin: true, AttachStdout: true, AttachStderr: true,
  });
  const running = await command.start({ hijack: true, stdin: true });
  const heard = outputs(running);
  running.end('given\n');
  seen.exec = [...(await heard), (await command.inspect()).ExitCode];
  await runner.putArchive(tar('greeting', 'hello'), { path: '/tmp' });
  const taken = kept();
  (await runner.getArchive({ path: '/tmp/greeting' })).pipe(taken);
  await once(taken, 'finish');
  seen.archive = taken.text().includes('hello');
  seen.listed = (await docker.listContainers({ filters: { id: [runner.id] } })).map((one) => [one.State, one.Command]);
  const log = await runner.logs({ follow: true, stdout: true, stderr: true });
  const logged = outputs(log);
  await runner.kill();
  seen.followed = await logged;
  await runner.remove({ v: true });

  // A terminal, by the call that does it all.
  const screen = kept();
  const shown = once(screen, 'finish');
  const [result, container] = await docker.run('busybox', ['sh', '-c', 'test -t 1 && echo on a terminal'], screen, { Tty: true });
  await shown;
  seen.run = [result.StatusCode, screen.text()];
  await container.remove();

  // Images: built, and looked for in vain.
  const context = Readable.from([tar('Dockerfile', 'FROM busybox\nENV made=here\n')]);
  const build = await docker.buildImage(context, { t: `${name}:built` });
  seen.built = (await progress(build)).map((one) => one.stream ?? '').join('').includes(`Successfully tagged ${name}:built`);
  seen.env = (await docker.getImage(`${name}:built`).inspect()).Config.Env.at(-1);
  await docker.getImage(`${name}:built`).remove();
  seen.missing = (await refused(docker.getImage(`${name}:built`).inspect()))[0];

  // The last of them may still be on its way.
  for (let waits = 0; !told.includes('tag') && waits < 500; waits++) await setTimeout(10);
  events.destroy();
  seen.events = told;
}

// What only a daemon with a registry is asked.
async function pull() {
  const told = await progress(await docker.pull('hello-world:latest'));
  seen.pulled = told.at(-1).status;
  seen.refused = (await refused(docker.pull('nosuch/image:latest').then(progress)))?.[0] ?? null;
}

converse()
  .then(() => (process.env.PULL ? pull() : undefined))
  .then(() => console.log(JSON.stringify(seen)))
  .catch((error) => {
    console.error(error, JSON.stringify(seen));
    process.exit(1);
  });
