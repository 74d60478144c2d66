import { formatCount } from "trellis-ui";

interface FigureCellProps {
  /** The column's name, said again where rows are cards. */
  readonly name: string;
  readonly value: number;
  /** Any at all need looking at. */
  readonly bad?: boolean;
}

/** A number in a table; a zero is quiet. */
export function FigureCell({ name, value, bad = false }: FigureCellProps) {
  const tone = value === 0 ? " zero" : bad ? " bad" : "";
  return (
    <td className={`number${tone}`} data-name={name}>
      {formatCount(value)}
    </td>
  );
}
