import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** How many connections a process holds to this port of this machine, in whatever state, by what the kernel knows. */
export function countConnections(pid: number, port: number): number {
  const own = new Set(socketsOf(pid));
  return connectionTable(pid).filter((row) => row.remotePort === port && own.has(row.inode)).length;
}

/** How many sockets of any kind and state a process holds. */
export const countSockets = (pid: number): number => socketsOf(pid).length;

function socketsOf(pid: number): string[] {
  const directory = `/proc/${pid}/fd`;
  return readdirSync(directory).flatMap((name) => {
    try {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`${directory}/${name}`)) ?? [];
      return inode === undefined ? [] : [inode];
    } catch {
      // Closed since it was listed.
      return [];
    }
  });
}

function connectionTable(pid: number): { remotePort: number; inode: string }[] {
  return ['tcp', 'tcp6'].flatMap((family) =>
    readFileSync(`/proc/${pid}/net/${family}`, 'utf8')
      .split('\n')
      .slice(1)
      .flatMap((line) => {
        const [, , remote, , , , , , , inode = ''] = line.trim().split(/\s+/);
        const port = Number.parseInt(remote?.split(':')[1] ?? '', 16);
        return remote === undefined ? [] : [{ remotePort: port, inode }];
      }),
  );
}
