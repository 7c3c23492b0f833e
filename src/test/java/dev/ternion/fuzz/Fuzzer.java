package dev.ternion.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Calls one parser with changed inputs. Inputs that make it answer in a new way are changed further. A finding is an answer
 * that is not documented, more than a second of processor time, or more memory than {@code src/docs/LIMITS.md} grants.
 */
public final class Fuzzer {
    private static final long LONGEST_NANOS = 1_000_000_000L;
    private static final int MOST_KEPT = 1000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final FuzzTarget target;
    private final Path scratch;
    private final SplittableRandom random;
    private final Set<String> answers = new HashSet<>();
    private final List<byte[]> pool = new ArrayList<>();
    private volatile byte[] current = new byte[0];
    private long calls;

    /** @param seed of all draws */
    public Fuzzer(FuzzTarget target, Path scratch, long seed) {
        this.target = target;
        this.scratch = scratch;
        this.random = new SplittableRandom(seed);
    }

    /** What it is doing, for a report of one that does not end. */
    public String current() {
        return target.name() + " on " + HexFormat.of().formatHex(current);
    }

    /** Calls made. */
    public long calls() {
        return calls;
    }

    /** Kinds of answers seen. */
    public int answers() {
        return answers.size();
    }

    /** Parses one input; throws an AssertionError with it if that is a finding. */
    public void replay(byte[] input) {
        current = input;
        calls++;
        long cpu = THREADS.getCurrentThreadCpuTime();
        long memory = THREADS.getCurrentThreadAllocatedBytes();
        String answer = "parsed";
        try {
            target.parse(input, scratch);
        } catch (Throwable e) {
            if (!target.isDocumented(e)) {
                throw finding(e.toString(), e);
            }
            answer = e.getMessage() == null ? e.toString() : shape(e.getMessage());
        }
        memory = THREADS.getCurrentThreadAllocatedBytes() - memory;
        cpu = THREADS.getCurrentThreadCpuTime() - cpu;
        if (memory > target.memory(input) && memoryOnceMore(input) > target.memory(input)) {
            throw finding(memory + " bytes of memory for " + input.length, null);
        }
        if (cpu > LONGEST_NANOS) {
            throw finding(cpu + " ns", null);
        }
        if (answers.add(answer) && pool.size() < MOST_KEPT) {
            pool.add(input);
        }
    }

    /** A library that enlarges what it keeps for all inputs does so with one of them, and not again. */
    private long memoryOnceMore(byte[] input) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        try {
            target.parse(input, scratch);
        } catch (Throwable e) {
            // It is documented: the first call has looked.
        }
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    /** Parses the seeds, then changed inputs until the time is over. */
    public void run(List<byte[]> seeds, double seconds) {
        seeds.forEach(this::replay);
        pool.addAll(seeds);
        Mutator mutator = new Mutator(random, target.words());
        long end = System.nanoTime() + (long) (seconds * 1e9);
        while (System.nanoTime() < end) {
            byte[] from = pool.get(random.nextInt(pool.size()));
            byte[] other = pool.get(random.nextInt(pool.size()));
            byte[] changed = mutator.change(from, other);
            replay(random.nextInt(4) == 0 ? changed : target.repair(changed, random));
        }
    }

    private AssertionError finding(String what, Throwable cause) {
        return new AssertionError(
                target.name() + ": " + what + "; keep it in src/test/resources/fuzz/" + target.name() + ": "
                        + HexFormat.of().formatHex(current),
                cause);
    }

    /** A message without what is particular to its input. */
    private static String shape(String message) {
        String start = message.length() <= 300 ? message : message.substring(0, 300);
        return start.replaceAll("\".*\"|'[^']*'|\\[[^]]*]|[0-9a-f]*[0-9][0-9a-f]*|/\\S*", "");
    }
}
