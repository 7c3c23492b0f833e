package dev.ternion.recipe.checkpoint;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What people want to know of a checkpoint: its file {@code about.json}, which no job reads to go on.
 *
 * @param origin why it was made
 * @param seed of the training under way
 * @param step steps done in that training
 * @param best whether an evaluation after this very step gave the highest primary metric of all evaluations of the job so far
 * @param arms trainings of the seed
 */
public record About(Origin origin, long seed, int step, boolean best, List<Arm> arms) {
    static final String FILE = "about.json";

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final long LONGEST = 1 << 20;

    public About {
        arms = List.copyOf(arms);
    }

    /**
     * A training.
     *
     * @param name of the arm; empty for a fine-tuning
     * @param evaluated steps done at its last evaluation; 0 before the first
     * @param metrics of that evaluation
     */
    public record Arm(String name, int evaluated, Map<String, Double> metrics) {
        public Arm {
            metrics = Map.copyOf(metrics);
        }
    }

    static About of(Moment moment, Snapshot snapshot) {
        List<Arm> arms = new ArrayList<>();
        for (int i = 0; i < snapshot.running().size(); i++) {
            History history = snapshot.running().get(i).history();
            arms.add(new Arm(moment.arms().get(i), history.step(), history.metrics()));
        }
        int step = snapshot.running().get(0).state().step();
        return new About(moment.origin(), moment.seed(), step, snapshot.isBest(), arms);
    }

    /** The same in a job that begins at it. */
    About forked() {
        return new About(Origin.FORK, seed, step, best, arms);
    }

    byte[] toJson() throws IOException {
        return JSON.writeValueAsBytes(this);
    }

    /** Of a checkpoint; empty for one of a version that wrote none. */
    public static Optional<About> read(Path checkpoint) throws IOException {
        Path file = checkpoint.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        if (Files.size(file) > LONGEST) {
            throw new IOException(FILE + " has " + Files.size(file) + " bytes, wanted at most " + LONGEST);
        }
        return Optional.of(JSON.readValue(Files.readAllBytes(file), About.class));
    }
}
