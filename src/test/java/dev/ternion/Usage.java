package dev.ternion;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a Java process has taken, after it was made to collect its garbage.
 *
 * @param residentKiB memory of the process
 * @param heapKiB of that, what live objects take
 * @param threads of the process
 * @param files open files and sockets
 */
record Usage(long residentKiB, long heapKiB, long threads, long files) {
    private static final Pattern USED = Pattern.compile("generation +total [0-9]+K, used ([0-9]+)K");

    /** As it is now. */
    static Usage of(long pid) throws Exception {
        jcmd(pid, "GC.run");
        Matcher generations = USED.matcher(jcmd(pid, "GC.heap_info"));
        long heap = 0;
        while (generations.find()) {
            heap += Long.parseLong(generations.group(1));
        }
        if (heap == 0) {
            throw new IllegalStateException("jcmd says nothing of the heap");
        }
        Path process = Path.of("/proc", String.valueOf(pid));
        List<String> status = Files.readAllLines(process.resolve("status"));
        try (Stream<Path> files = Files.list(process.resolve("fd"))) {
            return new Usage(number(status, "VmRSS"), heap, number(status, "Threads"), files.count());
        }
    }

    private static long number(List<String> status, String name) {
        String line = status.stream()
                .filter(text -> text.startsWith(name + ":"))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
    }

    private static String jcmd(long pid, String command) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        String.valueOf(pid),
                        command)
                .redirectErrorStream(true)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException("jcmd " + command + ": " + text);
        }
        return text;
    }
}
