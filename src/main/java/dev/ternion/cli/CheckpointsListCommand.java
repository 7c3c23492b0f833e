package dev.ternion.cli;

import dev.ternion.api.v1.Checkpoint;
import dev.ternion.api.v1.ListCheckpointsRequest;
import dev.ternion.api.v1.ListCheckpointsResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lists the checkpoints of a job. */
@Command(name = "list", description = "Lists the checkpoints of a job, by step.")
final class CheckpointsListCommand implements Callable<Integer> {
    private static final int PAGE = 200;

    private final Session session;

    @Parameters(paramLabel = "JOB", description = "Id or name of the job.")
    private String job;

    CheckpointsListCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        try (Connection connection = session.connect()) {
            ListCheckpointsResponse all = all(connection, Names.job(job));
            table(all.getCheckpointsList());
            session.json(Json.print(all));
            return ExitCode.OK;
        }
    }

    static ListCheckpointsResponse all(Connection connection, String job) {
        ListCheckpointsResponse.Builder all = ListCheckpointsResponse.newBuilder();
        String token = "";
        do {
            ListCheckpointsResponse page = connection
                    .checkpoints()
                    .listCheckpoints(ListCheckpointsRequest.newBuilder()
                            .setParent(job)
                            .setPageSize(PAGE)
                            .setPageToken(token)
                            .build());
            all.addAllCheckpoints(page.getCheckpointsList());
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        return all.build();
    }

    private void table(List<Checkpoint> checkpoints) {
        List<List<String>> rows = new ArrayList<>();
        for (Checkpoint checkpoint : checkpoints) {
            rows.add(List.of(
                    Long.toString(checkpoint.getJobStep()),
                    Long.toString(checkpoint.getSeed()),
                    Integer.toString(checkpoint.getStep()),
                    checkpoint.getOrigin().name().substring("ORIGIN_".length()),
                    (checkpoint.getBest() ? "best " : "") + (checkpoint.getPinned() ? "pinned" : ""),
                    String.format(Locale.ROOT, "%.1f MB", checkpoint.getSizeBytes() / 1e6),
                    checkpoint.getTrainingsList().stream()
                            .map(CheckpointsListCommand::metrics)
                            .collect(Collectors.joining("; "))));
        }
        List<String> head = List.of("step", "seed", "step of seed", "made", "", "size", "last evaluation");
        TextTable.print(session, head, rows, "no checkpoints");
    }

    private static String metrics(Checkpoint.Training training) {
        String values = new TreeMap<>(training.getMetricsMap())
                .entrySet().stream()
                        .map(e -> String.format(
                                Locale.ROOT, "%s %.4f", e.getKey().toLowerCase(Locale.ROOT), e.getValue()))
                        .collect(Collectors.joining(", "));
        return (training.getArm() + " " + values).strip();
    }
}
