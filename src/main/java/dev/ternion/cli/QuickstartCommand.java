package dev.ternion.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The first ten minutes: a whole job on real data, in a server of its own. */
@Command(
        name = "quickstart",
        description = {
            "Trains a ternary student of a small real model, end to end, in about two minutes.",
            "Starts a server in a fresh data folder, fine-tunes a teacher on the shipped headlines, trains the student",
            "without and with Teacher Intervention, and compares the three. Ctrl-C leaves server and job running.",
            "With --server, uses that server instead."
        })
final class QuickstartCommand implements Callable<Integer> {
    private static final String FOLDERS = "ternion-data/quickstart-";

    private final Session session;

    @Option(names = "--data", paramLabel = "DIR", description = "Data folder, empty or new. Default: " + FOLDERS + "N.")
    private Path data;

    @Option(
            names = "--encoder",
            paramLabel = "PATH",
            description = "Encoder to start from: a Hugging Face folder, an ONNX file or a jar with one. Default: the"
                    + " all-MiniLM-L6-v2 of the build; in a bundle a small one with random weights.")
    private Path encoder;

    @Option(
            names = "--device",
            defaultValue = "cpu",
            paramLabel = "DEVICE",
            description = "Device of both jobs, as in a job file. Default: cpu.")
    private String device;

    @Option(names = "--steps", paramLabel = "N", description = "Steps of each training. Default: as in the job files.")
    private Integer steps;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the trainings. Default: as in the job files.")
    private Long seed;

    @Option(names = "--keep-server", description = "Leaves the server running at the end.")
    private boolean keepServer;

    QuickstartCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        if (steps != null && steps < 2) {
            throw new CliException(ExitCode.USAGE, "--steps is " + steps + "; wanted 2 or more");
        }
        QuickstartJobs jobs = QuickstartJobs.read(steps, seed).on(device);
        if (session.options().serverNamed()) {
            String suffix = "-" + UUID.randomUUID().toString().substring(0, 6);
            QuickstartEncoder start = QuickstartEncoder.choose(session, encoder, null);
            try (Connection connection = session.connect()) {
                return new Quickstart(session, connection, jobs.withSuffix(suffix), start, null).run();
            }
        }
        Path folder = folder();
        QuickstartEncoder start = QuickstartEncoder.choose(session, encoder, folder);
        ServerProcess server = ServerProcess.start(folder, start.path().getParent());
        try (Connection connection = new Connection(server.address(), Credentials.NONE)) {
            session.say("Server at " + server.address() + ", pid " + server.pid() + ", log " + server.log());
            return new Quickstart(session, connection, jobs, start, server).run();
        } finally {
            if (keepServer) {
                server.keep();
                session.say(server.leftRunning());
            }
            server.close();
        }
    }

    private Path folder() throws IOException {
        if (data != null) {
            Path folder = data.toAbsolutePath().normalize();
            Files.createDirectories(folder);
            try (var files = Files.list(folder)) {
                if (files.findAny().isPresent()) {
                    throw new CliException(ExitCode.USAGE, "--data " + folder + " is not empty; name a new folder");
                }
            }
            return folder;
        }
        for (int n = 1; ; n++) {
            Path folder = Path.of(FOLDERS + n).toAbsolutePath();
            Files.createDirectories(folder.getParent());
            try {
                return Files.createDirectory(folder);
            } catch (FileAlreadyExistsException taken) {
                // the next number, then
            }
        }
    }
}
