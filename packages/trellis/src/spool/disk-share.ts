/** The part of the disk that an instance's spools may fill together. */
export class DiskShare {
  readonly bytesMax: number;
  bytes = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }
}
