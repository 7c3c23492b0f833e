package dev.ternion.worker;

import dev.ternion.jobs.AttemptOver;
import dev.ternion.jobs.CheckpointAnswer;
import dev.ternion.jobs.Instruction;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Outcome;
import dev.ternion.jobs.Report;
import dev.ternion.telemetry.Told;
import dev.ternion.telemetry.Work;
import java.util.List;

/** What the worker of one attempt says to its server; a call waits for a server that is away. Port. */
public interface ServerLink {
    /**
     * Takes the attempt.
     *
     * @return the job's spec
     * @throws AttemptOver if it is over
     */
    Opaque claim();

    /**
     * Tells what happened.
     *
     * @param first number of the first report in this attempt, from 1
     * @param reports in order
     * @param telemetry points and lines; without all of this the call only says that the worker is there
     * @param work what was done since the last call that told of any
     * @param answer what became of a checkpoint that the server asked for
     * @return what to do
     * @throws AttemptOver if it is over
     */
    Instruction report(long first, List<Report> reports, Told telemetry, Work work, CheckpointAnswer answer);

    /**
     * Ends the attempt.
     *
     * @return state of the job now
     * @throws AttemptOver if it is over
     */
    String finish(Outcome outcome);
}
