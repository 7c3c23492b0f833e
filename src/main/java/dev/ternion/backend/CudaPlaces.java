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
import java.util.Set;

/** Where the libraries of CUDA may lie, besides the system's folders: CUDA toolkits and folders of Python packages. */
final class CudaPlaces {
    private static final List<String> PARTS = List.of("lib64", "lib", "nvidia/cu13/lib", "nvidia/cublas/lib");
    private static final int LINKS = 8;

    private CudaPlaces() {}

    /**
     * Toolkits and site-packages, best first: what the environment names, then the usual prefixes.
     *
     * @param environment variables of the process
     * @param root of the file system
     */
    static List<Path> of(Map<String, String> environment, Path root) {
        Set<Path> places = new LinkedHashSet<>();
        values(environment, "CUDA_HOME").forEach(places::add);
        values(environment, "CUDA_PATH").forEach(places::add);
        places.add(root.resolve("usr/local/cuda"));
        values(environment, "VIRTUAL_ENV").forEach(prefix -> places.addAll(sites(prefix)));
        values(environment, "CONDA_PREFIX").forEach(prefix -> places.addAll(sites(prefix)));
        values(environment, "PYTHONPATH").forEach(places::add);
        for (Path folder : values(environment, "PATH")) {
            pythonPrefixes(folder.resolve("python3")).forEach(prefix -> places.addAll(sites(prefix)));
        }
        values(environment, "HOME").forEach(home -> places.addAll(sites(home.resolve(".local"))));
        places.addAll(sites(root.resolve("usr/local")));
        places.addAll(sites(root.resolve("usr")));
        for (Path prefix : matching(root.resolve("opt"), "*")) {
            places.addAll(sites(prefix));
            places.addAll(sites(prefix.resolve(".venv")));
        }
        places.removeIf(place -> !Files.isDirectory(place));
        return List.copyOf(places);
    }

    /** The folders in these places that hold a library. */
    static List<Path> holding(List<Path> places, String library) {
        List<Path> found = new ArrayList<>();
        for (Path place : places) {
            for (String part : PARTS) {
                Path folder = place.resolve(part);
                if (Files.isRegularFile(folder.resolve(library))) {
                    found.add(folder);
                }
            }
        }
        return found;
    }

    /** The paths of a variable such as PATH. */
    private static List<Path> values(Map<String, String> environment, String name) {
        List<Path> paths = new ArrayList<>();
        for (String path : environment.getOrDefault(name, "").split(File.pathSeparator)) {
            if (!path.isEmpty()) {
                paths.add(Path.of(path).toAbsolutePath().normalize());
            }
        }
        return paths;
    }

    /** The prefix of a program in PREFIX/bin, and those of what it links to: a virtual environment, then its base. */
    private static List<Path> pythonPrefixes(Path program) {
        List<Path> prefixes = new ArrayList<>();
        Path link = program;
        for (int i = 0; i < LINKS && Files.isExecutable(link); i++) {
            Path folder = link.getParent();
            if (folder.getParent() != null) {
                prefixes.add(folder.getParent());
            }
            if (!Files.isSymbolicLink(link)) {
                break;
            }
            try {
                link = folder.resolve(Files.readSymbolicLink(link)).normalize();
            } catch (IOException e) {
                break; // the link has gone
            }
        }
        return prefixes;
    }

    /** Folders of Python packages below a prefix. */
    private static List<Path> sites(Path prefix) {
        List<Path> sites = new ArrayList<>();
        for (Path python : matching(prefix.resolve("lib"), "python3*")) {
            sites.add(python.resolve("site-packages"));
            sites.add(python.resolve("dist-packages"));
        }
        return sites;
    }

    /** What a folder holds, in the order of names. */
    private static List<Path> matching(Path folder, String pattern) {
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> paths = Files.newDirectoryStream(folder, pattern)) {
                paths.forEach(found::add);
            } catch (IOException e) {
                return List.of(); // a folder that cannot be read holds nothing for us
            }
        }
        found.sort(null);
        return found;
    }
}
