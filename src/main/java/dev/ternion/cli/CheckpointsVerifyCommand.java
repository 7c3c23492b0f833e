package dev.ternion.cli;

import dev.ternion.api.v1.Checkpoint;
import dev.ternion.api.v1.CheckpointServiceGrpc;
import dev.ternion.api.v1.VerifyCheckpointRequest;
import dev.ternion.api.v1.VerifyCheckpointResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Has the server read checkpoints and compare them with their digests. */
@Command(
        name = "verify",
        description = "Reads all bytes of the checkpoints of a job and compares them with what was written.")
final class CheckpointsVerifyCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "JOB", description = "Id or name of the job.")
    private String job;

    @Parameters(index = "1", paramLabel = "STEP", arity = "0..1", description = "Of one checkpoint. Default: all.")
    private Long step;

    CheckpointsVerifyCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        try (Connection connection = session.connect()) {
            List<String> names = step != null
                    ? List.of(Names.checkpoint(job, step))
                    : CheckpointsListCommand.all(connection, Names.job(job)).getCheckpointsList().stream()
                            .map(Checkpoint::getName)
                            .toList();
            int code = ExitCode.OK;
            for (String name : names) {
                code = Math.max(code, verify(connection, name));
            }
            return code;
        }
    }

    private int verify(Connection connection, String name) {
        VerifyCheckpointRequest request =
                VerifyCheckpointRequest.newBuilder().setName(name).build();
        try {
            VerifyCheckpointResponse intact =
                    CheckpointServiceGrpc.newBlockingStub(connection.channel()).verifyCheckpoint(request);
            session.say(String.format(
                    Locale.ROOT, "Checkpoint %s is intact: %.1f MB", Names.id(name), intact.getSizeBytes() / 1e6));
            session.json(Json.print(intact));
            return ExitCode.OK;
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.DATA_LOSS) {
                throw e;
            }
            RpcError.of(e, connection.address()).lines().forEach(session::say);
            return ExitCode.JOB_FAILED;
        }
    }
}
