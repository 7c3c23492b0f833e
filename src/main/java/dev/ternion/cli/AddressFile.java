package dev.ternion.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** File in a data folder that holds the address of the server that has it open. */
final class AddressFile {
    private static final String NAME = "server.address";

    private AddressFile() {}

    /** Writes the address, all at once. */
    static void write(Path dataFolder, String address) throws IOException {
        Path part = dataFolder.resolve(NAME + ".part");
        Files.writeString(part, address + "\n");
        Files.move(part, dataFolder.resolve(NAME), StandardCopyOption.REPLACE_EXISTING);
    }

    /** The address; empty when no server has written one. */
    static Optional<ServerAddress> read(Path dataFolder) throws IOException {
        Path file = dataFolder.resolve(NAME);
        return Files.exists(file)
                ? Optional.of(ServerAddress.parse(Files.readString(file).strip()))
                : Optional.empty();
    }

    /** Removes the file. */
    static void delete(Path dataFolder) {
        try {
            Files.deleteIfExists(dataFolder.resolve(NAME));
        } catch (IOException e) {
            // it is overwritten by the next server
        }
    }
}
