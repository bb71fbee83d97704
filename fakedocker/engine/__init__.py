"""Docker without HTTP: images, containers and what runs in them; knows no time, chance, sockets or threads."""
