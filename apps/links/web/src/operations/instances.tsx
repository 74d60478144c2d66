import { useQuery } from "@tanstack/react-query";
import { RelativeTime } from "trellis-ui";
import { instancesQuery } from "./operations-queries.ts";
import { Section } from "./section.tsx";

/** The processes that answer and work now. */
export function Instances() {
  const query = useQuery(instancesQuery);
  return (
    <Section title="Instances" about="The processes that answer and work now." query={query} rows={2}>
      {({ instances }) => (
        <div className="section-table">
          <table>
            <thead>
              <tr>
                <th scope="col">Instance</th>
                <th scope="col">Role</th>
                <th scope="col">Machine</th>
                <th scope="col">Runs since</th>
                <th scope="col">Last heard</th>
              </tr>
            </thead>
            <tbody>
              {instances.map(({ name, role, host, pid, since, seen }) => (
                <tr key={`${name} ${pid}`}>
                  <th scope="row">{name}</th>
                  <td data-name="Role">{role}</td>
                  <td data-name="Machine">
                    {host}, process {pid}
                  </td>
                  <td data-name="Runs since">
                    <RelativeTime at={since} />
                  </td>
                  <td data-name="Last heard">
                    <RelativeTime at={seen} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}
