import type { Figure } from './figure.js';

const HEAD = ['fault', 'figure', 'asked', 'measured', 'control: without it'];

/** The figures as a Markdown table whose columns also line up as text, a fault's name on its first line only. */
export function printFigureTable(figures: readonly Figure[]): string {
  const faults = [...new Set(figures.map(({ fault }) => fault))];
  const rows = faults.flatMap((fault) =>
    rowsOf(
      fault,
      figures.filter((figure) => figure.fault === fault),
    ),
  );
  const widths = HEAD.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: string[]) => `| ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`;
  return [line(HEAD), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function rowsOf(fault: string, figures: readonly Figure[]): string[][] {
  const measured = figures.filter(({ isControl }) => !isControl);
  const controls = figures.filter(({ isControl }) => isControl);
  return Array.from({ length: Math.max(measured.length, controls.length) }, (_, index) => {
    const [figure, control] = [measured[index], controls[index]];
    return [
      index === 0 ? fault : '',
      figure?.figure ?? '',
      figure?.asked ?? '',
      figure ? `${figure.measured}${figure.isMet ? '' : '  MISSED'}` : '',
      control ? `${control.figure}: ${control.measured}${control.isMet ? '' : '  DID NOT FAIL'}` : '',
    ];
  });
}
