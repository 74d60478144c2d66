/** The queue has jobs that can start. */
export const readyTopic = (queue: string): string => `jobs:${queue}`;
/** Some job waits for its time, which may come before the next tick. */
export const dueTopic = "jobs-due";
/** Running jobs are to end. */
export const cancelTopic = "jobs-cancelled";
