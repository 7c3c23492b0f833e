import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Makes the archive for bare Linux x86-64: a Java runtime of its own, our classes and libraries, launcher and job files.
 * Jars are stored, not compressed, and lose the native libraries of other systems: xz then packs all of it better.
 *
 * <p>Arguments: project folder, name of the archive without ending. Writes target/NAME.tar.xz. Needs tar and xz.
 */
final class Bundle {
    /** What our classes and their libraries use of the JDK; BundleIT runs the commands on it. */
    private static final String MODULES = "java.base,java.logging,java.management,java.naming,java.sql,java.xml,"
            + "jdk.crypto.ec,jdk.httpserver,jdk.management,jdk.unsupported,jdk.zipfs";

    /** Entries of jars that a Linux x86-64 server never reads, or can do without: messages of a driver in other languages. */
    private static final Pattern UNUSED = Pattern.compile("native/lib/(?!linux-x86_64/)[^/]+/.*"
            + "|META-INF/native/(?!.*(linux_x86_64|epoll_x86_64)\\.so$).+"
            + "|com/sun/jna/(?!linux-x86-64/)[^/]*-[^/]*/.*"
            + "|org/sqlite/native/(?!Linux/x86_64/)[^/]*/[^/]*/.*"
            + "|org/jline/nativ/(?!Linux/x86_64/)[^/]*/[^/]*/.*"
            + "|org/postgresql/translation/.*"
            + "|com/google/(api|apps|cloud|geo|iam|logging|longrunning|shopping|type)/.*|google/.*\\.proto"
            + "|META-INF/native-image/.*|META-INF/maven/.*"
            + "|org/bytedeco/cuda/linux-x86_64/(?!libjni(cudart|cublas)\\.so$).*"
            + "|org/bytedeco/cuda/(global/|presets/)?(npp|cusolver|cusparse|cufft|curand|cudnn|nvcomp|nvjpeg|cupti|nccl|cufile|nvml|nvblas|nvrtc)[^/]*(/.*|\\.class)");

    private final Path project;
    private final Path folder;

    private Bundle(Path project, Path folder) {
        this.project = project;
        this.folder = folder;
    }

    public static void main(String[] args) throws Exception {
        Path project = Path.of(args[0]).toAbsolutePath(), target = project.resolve("target");
        String name = args[1];
        Path work = target.resolve("bundle");
        delete(work);
        Path archive = target.resolve(name + ".tar.xz");
        new Bundle(project, Files.createDirectories(work.resolve(name))).fill();
        run(work, "tar", "--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0", "-I", "xz --x86 --lzma2=preset=9 -T2 --block-size=136MiB", "-cf",
                archive.toString(), name);
        System.out.printf("%s: %.1f MiB%n", project.relativize(archive), Files.size(archive) / 1048576.0);
    }

    private void fill() throws IOException {
        runtime();
        Path lib = Files.createDirectories(folder.resolve("lib"));
        for (Path jar : files(project.resolve("target/lib"))) {
            store(jar, lib.resolve(jar.getFileName()));
        }
        storeFolder(project.resolve("target/classes"), lib.resolve("ternion.jar"));
        copy("bin/ternion", "bin/ternion");
        copy("src/gpu/check.sh", "gpu/check.sh");
        for (String text : List.of("LICENSE", "NOTICE")) {
            copy(text, text);
        }
        copy("src/bundle/README.md", "README.md");
        for (Path example : files(project.resolve("src/examples"))) {
            copy("src/examples/" + example.getFileName(), "examples/" + example.getFileName());
        }
    }

    private void runtime() {
        int status = ToolProvider.findFirst("jlink")
                .orElseThrow(() -> new IllegalStateException("this JDK has no jlink: set JAVA_HOME to a full JDK"))
                .run(
                        new PrintStream(System.out),
                        new PrintStream(System.err),
                        "--add-modules", MODULES,
                        "--strip-debug", "--no-header-files", "--no-man-pages", "--compress=0",
                        "--output", folder.resolve("runtime").toString());
        if (status != 0) {
            throw new IllegalStateException("jlink failed with status " + status);
        }
    }

    private void copy(String from, String to) throws IOException {
        Path target = folder.resolve(to);
        Files.createDirectories(target.getParent());
        Files.copy(project.resolve(from), target, StandardCopyOption.COPY_ATTRIBUTES);
    }

    private static void store(Path jar, Path to) throws IOException {
        try (ZipFile in = new ZipFile(jar.toFile()); ZipOutputStream out = stored(to)) {
            for (ZipEntry entry : in.stream().sorted(Comparator.comparing(ZipEntry::getName)).toList()) {
                if (!entry.isDirectory() && !UNUSED.matcher(entry.getName()).matches()) {
                    try (InputStream bytes = in.getInputStream(entry)) {
                        put(out, entry.getName(), bytes.readAllBytes());
                    }
                }
            }
        }
    }

    /** Folders have entries of their own: Flyway looks for that of the migrations. */
    private static void storeFolder(Path classes, Path to) throws IOException {
        try (ZipOutputStream out = stored(to); Stream<Path> all = Files.walk(classes)) {
            for (Path path : all.filter(path -> !path.equals(classes)).sorted().toList()) {
                String name = classes.relativize(path).toString();
                if (Files.isDirectory(path)) {
                    put(out, name + "/", new byte[0]);
                } else {
                    put(out, name, Files.readAllBytes(path));
                }
            }
        }
    }

    private static ZipOutputStream stored(Path to) throws IOException {
        OutputStream file = Files.newOutputStream(to);
        ZipOutputStream out = new ZipOutputStream(file);
        out.setMethod(ZipOutputStream.STORED);
        return out;
    }

    /**
     * Always the same, but for native libraries one that follows from their content: JavaCPP takes a library from its cache when size and
     * time are the same, also that of another version.
     */
    private static LocalDateTime time(String name, long crc) {
        LocalDateTime first = LocalDateTime.of(1980, 1, 1, 0, 0);
        return name.endsWith(".so") ? first.plusSeconds(2 * (crc & 0x1fffffff)) : first;
    }

    private static void put(ZipOutputStream out, String name, byte[] bytes) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(time(name, crc.getValue()));
        entry.setSize(bytes.length);
        entry.setCrc(crc.getValue());
        out.putNextEntry(entry);
        out.write(bytes);
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return new ArrayList<>(all.filter(Files::isRegularFile).sorted().toList());
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    private static void run(Path in, String... command) throws IOException, InterruptedException {
        int status = new ProcessBuilder(command).directory(in.toFile()).inheritIO().start().waitFor();
        if (status != 0) {
            throw new IOException(String.join(" ", command) + " failed with status " + status);
        }
    }
}
