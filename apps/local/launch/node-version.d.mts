export function findNodeFault(version: string): string | null;
