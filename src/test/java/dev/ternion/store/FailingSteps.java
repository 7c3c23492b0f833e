package dev.ternion.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The steps again and again on the same beginning, in a process whose disk fails: at the first call, at the second, until there is no such
 * call. Tells what each run has acknowledged and left.
 */
final class FailingSteps {
    private final Path fresh;
    private final Path folder;
    private final DiskControl disk;
    private final List<List<String>> after;

    private FailingSteps(Path fresh, Path folder, DiskControl disk) throws IOException {
        this.fresh = fresh;
        this.folder = folder;
        this.disk = disk;
        this.after = contentsAfterEachStep(fresh, folder.resolve("whole"));
    }

    /**
     * Each call fails alone, and every n-th with all after it.
     *
     * @param args a database that was closed, a folder whose disk fails, the file by which that is told, n
     */
    public static void main(String[] args) throws Exception {
        DiskControl disk = new DiskControl(Path.of(args[2]));
        FailingSteps steps = new FailingSteps(Path.of(args[0]), Path.of(args[1]), disk);
        long calls = steps.fail(1, false);
        steps.fail(Integer.parseInt(args[3]), true);
        System.out.println(calls);
    }

    /** What is in the database before the first step, after it, and so on. */
    static List<List<String>> contentsAfterEachStep(Path fresh, Path whole) throws IOException {
        List<List<String>> after = new ArrayList<>();
        try (JobDatabase jobs = JobDatabase.inFolder(copy(fresh, whole), e -> {})) {
            var all = StoreSteps.jobs(jobs);
            after.add(StoreSteps.contents(jobs));
            StoreSteps.STEPS.forEach(step -> {
                step.accept(all);
                after.add(StoreSteps.contents(jobs));
            });
        }
        return after;
    }

    static Path copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
        return to;
    }

    /** Every so many-th call fails, alone or with all after it; how many calls there were. */
    private long fail(int every, boolean allAfter) throws IOException {
        for (long call = 1; ; call += every) {
            Path data = copy(fresh, folder.resolve((allAfter ? "from-" : "once-") + call));
            disk.failing(call, allAfter ? Long.MAX_VALUE : call);
            int done = run(data);
            long calls = disk.calls();
            disk.heal();
            List<List<String>> allowed = after.subList(done, Math.min(done + 2, after.size()));
            try (JobDatabase jobs = JobDatabase.inFolder(data, e -> {})) {
                List<String> left = StoreSteps.contents(jobs);
                if (!allowed.contains(left)) {
                    throw new AssertionError("call " + call + (allAfter ? " and all after it" : "") + " failed, " + done
                            + " steps were acknowledged, left is " + left + " of " + allowed);
                }
            }
            if (calls < call) {
                return calls;
            }
        }
    }

    /** Steps acknowledged before a fault was told after which nothing may be; from then on nothing reaches the disk, as if the process ended. */
    private int run(Path data) {
        boolean[] over = new boolean[1];
        int done = 0;
        try (JobDatabase jobs = JobDatabase.inFolder(data, e -> {
            over[0] = true;
            disk.failAll();
        })) {
            StoreSteps.Jobs all = StoreSteps.jobs(jobs);
            for (var step : StoreSteps.STEPS) {
                step.accept(all);
                if (over[0]) {
                    break;
                }
                done++;
            }
        } catch (IOException | RuntimeException e) {
            disk.failAll(); // the process would end
        }
        return done;
    }
}
