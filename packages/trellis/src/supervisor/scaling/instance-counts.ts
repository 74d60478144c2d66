import type { Group } from "../../model/group.ts";
import type { PlaceName } from "../place.ts";
import type { ReleaseShape, Scale, SupervisorState } from "../state.ts";

/** How many instances each group is to have: between what bounds, and at the moment. */
export class InstanceCounts {
  #asked: Readonly<Record<string, Scale>>;
  #present: Readonly<Record<string, number>>;

  constructor({ scale, present }: Pick<SupervisorState, "scale" | "present">) {
    this.#asked = scale;
    this.#present = present;
  }

  /** For the state. */
  get written(): Pick<SupervisorState, "scale" | "present"> {
    return { scale: this.#asked, present: this.#present };
  }

  /** What was asked for with `trellis scale`, else what the release says. */
  range({ name, instances, scale }: Group): Scale {
    return this.#asked[name] ?? scale ?? { min: instances, max: instances };
  }

  /** Someone wants the group to stay within these bounds. */
  ask(group: string, range: Scale): void {
    this.#asked = { ...this.#asked, [group]: range };
  }

  /** The group is to have so many now, within its bounds. */
  set(group: string, instances: number): void {
    this.#present = { ...this.#present, [group]: instances };
  }

  /** None is at rest any more: whether code runs is known only from an instance that runs. */
  wakeAll(): void {
    this.#present = Object.fromEntries(
      Object.entries(this.#present).map(([group, instances]) => [group, Math.max(1, instances)]),
    );
  }

  /** The places that a release has. */
  namesOf(release: number, { groups }: ReleaseShape): readonly PlaceName[] {
    return groups.flatMap((group) => {
      const { name: pool, role, answers } = group;
      return Array.from({ length: this.#count(group) }, (_, index) => ({
        pool,
        role,
        number: index + 1,
        release,
        answers,
      }));
    });
  }

  #count(group: Group): number {
    const { min, max } = this.range(group);
    return Math.min(max, Math.max(min, this.#present[group.name] ?? group.instances));
  }
}
