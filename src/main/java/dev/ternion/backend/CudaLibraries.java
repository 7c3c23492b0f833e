package dev.ternion.backend;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.javacpp.Loader;

/**
 * Finds and loads cuBLASLt through the JavaCPP preset of CUDA: from the system's folders, the CUDA toolkit's, or those of
 * Python packages. The native backend then uses the library that the process has loaded.
 */
final class CudaLibraries {
    static final String CUBLASLT = "libcublasLt.so.13";
    private static final String MISSING = CUBLASLT + " is not loaded";
    private static final List<String> PYTHON_PARTS = List.of("nvidia/cu13/lib", "nvidia/cublas/lib");

    private CudaLibraries() {}

    /** Whether an error of the native backend says that cuBLASLt has to be loaded first. */
    static boolean missing(RuntimeException error) {
        return String.valueOf(error.getMessage()).contains(MISSING);
    }

    /**
     * Loads cuBLASLt for good.
     *
     * @throws BackendException what failed, where was looked, and how to get it
     */
    static void load() {
        List<Path> folders = folders(System.getenv(), Path.of("/"));
        String path = String.join(
                File.pathSeparator, folders.stream().map(Path::toString).toList());
        Loader.loadProperties().setProperty("platform.preloadpath", path);
        try {
            Loader.load(org.bytedeco.cuda.global.cublas.class);
        } catch (UnsatisfiedLinkError | NoClassDefFoundError | ExceptionInInitializerError e) {
            throw new BackendException(
                    "cuBLAS of CUDA 13 (" + CUBLASLT + ") cannot be loaded: " + reason(e)
                            + "; looked in the system's"
                            + " folders" + (folders.isEmpty() ? "" : " and in " + path)
                            + "; install it with `pip install nvidia-cublas` or the CUDA toolkit 13, or use \"cpu\"",
                    e);
        }
    }

    /** The loader's own message hides what the system's loader said. */
    private static String reason(Throwable error) {
        Throwable cause = error;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage();
    }

    /** The file that cuBLASLt was loaded from, if it was. */
    static Optional<Path> loaded() {
        try {
            return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                    .filter(line -> line.contains("libcublasLt.so"))
                    .map(line -> Path.of(line.substring(line.indexOf('/'))))
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Folders that hold cuBLASLt, best first: CUDA_HOME and CUDA_PATH, then site-packages of the active Python environment, of
     * the Pythons on PATH, and of the usual prefixes.
     *
     * @param environment variables of the process
     * @param root of the file system
     */
    static List<Path> folders(Map<String, String> environment, Path root) {
        Set<Path> found = new LinkedHashSet<>();
        for (String name : List.of("CUDA_HOME", "CUDA_PATH")) {
            String home = environment.getOrDefault(name, "");
            if (!home.isEmpty()) {
                keep(found, Path.of(home, "lib64"));
                keep(found, Path.of(home, "lib"));
            }
        }
        keep(found, root.resolve("usr/local/cuda/lib64"));
        for (Path prefix : prefixes(environment, root)) {
            for (String packages : List.of("lib/python3*/site-packages", "lib/python3*/dist-packages")) {
                matching(prefix, packages)
                        .forEach(site -> PYTHON_PARTS.forEach(part -> keep(found, site.resolve(part))));
            }
        }
        for (String site : environment.getOrDefault("PYTHONPATH", "").split(File.pathSeparator)) {
            if (!site.isEmpty()) {
                PYTHON_PARTS.forEach(part -> keep(found, Path.of(site, part)));
            }
        }
        return List.copyOf(found);
    }

    private static List<Path> prefixes(Map<String, String> environment, Path root) {
        List<Path> prefixes = new ArrayList<>();
        for (String name : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
            if (!environment.getOrDefault(name, "").isEmpty()) {
                prefixes.add(Path.of(environment.get(name)));
            }
        }
        for (String folder : environment.getOrDefault("PATH", "").split(File.pathSeparator)) {
            Path python = Path.of(folder, "python3");
            if (!folder.isEmpty()
                    && Files.isExecutable(python)
                    && python.getParent().getParent() != null) {
                prefixes.add(python.getParent().getParent());
            }
        }
        if (!environment.getOrDefault("HOME", "").isEmpty()) {
            prefixes.add(Path.of(environment.get("HOME"), ".local"));
        }
        prefixes.add(root.resolve("usr/local"));
        prefixes.add(root.resolve("usr"));
        return prefixes;
    }

    /** Folders below a prefix whose path matches "lib/python3x/NAME". */
    private static List<Path> matching(Path prefix, String pattern) {
        String[] parts = pattern.split("/");
        List<Path> sites = new ArrayList<>();
        Path lib = prefix.resolve(parts[0]);
        if (Files.isDirectory(lib)) {
            try (DirectoryStream<Path> pythons = Files.newDirectoryStream(lib, parts[1])) {
                pythons.forEach(python -> sites.add(python.resolve(parts[2])));
            } catch (IOException e) {
                return List.of(); // a folder that cannot be read holds nothing for us
            }
        }
        return sites;
    }

    private static void keep(Set<Path> found, Path folder) {
        if (Files.isRegularFile(folder.resolve(CUBLASLT))) {
            found.add(folder.toAbsolutePath().normalize());
        }
    }
}
