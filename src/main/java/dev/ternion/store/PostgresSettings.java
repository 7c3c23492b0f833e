package dev.ternion.store;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * A PostgreSQL database and who we are there. From a JSON file; OPERATIONS.md has an example. No message and no text of it holds the
 * password.
 *
 * @param host name or address
 * @param port TCP port
 * @param database its name
 * @param user role that the tables belong to
 * @param password empty: the database asks for none
 * @param ssl how much TLS is wanted
 * @param sslRoot PEM file of roots that sign the database's certificate; empty: those of the Java runtime
 */
public record PostgresSettings(
        String host,
        int port,
        String database,
        String user,
        Optional<String> password,
        SslMode ssl,
        Optional<Path> sslRoot) {
    /** Variable of the environment that holds the password when the file names none. */
    public static final String PASSWORD = "TERNION_DATABASE_PASSWORD";

    private static final int LARGEST_FILE = 64 << 10;
    private static final int LONGEST_PASSWORD = 1024;
    private static final int USUAL_PORT = 5432;
    private static final String WANTED = "wanted postgresql://HOST[:PORT]/DATABASE without user, password and settings";
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]", "::1");
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** How much TLS is wanted, as libpq names it; what would fall back to plain text is not among them. */
    public enum SslMode {
        /** Plain text. */
        DISABLE,
        /** TLS with whoever answers. */
        REQUIRE,
        /** TLS with a certificate that the roots have signed. */
        VERIFY_CA,
        /** And that names the host. */
        VERIFY_FULL;

        /** As in the file. */
        String text() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }

        private static SslMode of(String text) {
            return Arrays.stream(values())
                    .filter(mode -> mode.text().equals(text))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "ssl_mode is none; wanted disable, require, verify-ca or verify-full"));
        }
    }

    /** The fields of the file. */
    private record Fields(String url, String user, String passwordFile, String sslMode, String sslRoot) {
        @JsonCreator
        static Fields of(
                @JsonProperty("url") String url,
                @JsonProperty("user") String user,
                @JsonProperty("password_file") String passwordFile,
                @JsonProperty("ssl_mode") String sslMode,
                @JsonProperty("ssl_root") String sslRoot) {
            return new Fields(url, user, passwordFile, sslMode, sslRoot);
        }
    }

    /**
     * Reads a file; files that it names are sought from its folder.
     *
     * @param environment as {@link System#getenv(String)}
     * @throws IOException saying what is wrong with it, without what it holds
     */
    public static PostgresSettings read(Path file, UnaryOperator<String> environment) throws IOException {
        Fields fields = fields(file);
        try {
            URI url = url(fields.url());
            require(fields.user() != null && !fields.user().isBlank(), "user is missing: the role of the database");
            SslMode ssl = fields.sslMode() != null
                    ? SslMode.of(fields.sslMode())
                    : LOOPBACK.contains(url.getHost()) ? SslMode.DISABLE : SslMode.VERIFY_FULL;
            Path folder = file.toAbsolutePath().getParent();
            Optional<Path> root = Optional.ofNullable(fields.sslRoot()).map(folder::resolve);
            require(root.isEmpty() || Files.isReadable(root.get()), "ssl_root is " + root + ", which cannot be read");
            return new PostgresSettings(
                    url.getHost(),
                    url.getPort() < 0 ? USUAL_PORT : url.getPort(),
                    url.getPath().substring(1),
                    fields.user(),
                    password(fields.passwordFile(), folder, environment),
                    ssl,
                    root);
        } catch (IllegalArgumentException e) {
            throw wrong(file, e.getMessage(), e);
        }
    }

    private static Fields fields(Path file) throws IOException {
        byte[] bytes = bytes(file, LARGEST_FILE);
        try {
            Fields fields = JSON.readValue(bytes, Fields.class);
            if (fields == null) {
                throw wrong(file, "it is empty", null);
            }
            return fields;
        } catch (UnrecognizedPropertyException e) {
            throw wrong(
                    file,
                    "field " + e.getPropertyName()
                            + " is not known; wanted url, user, password_file, ssl_mode, ssl_root."
                            + " A password stands in a file of its own or in " + PASSWORD,
                    null);
        } catch (JsonProcessingException e) {
            // The parser's own words would repeat what stands there.
            String line = e.getLocation() == null
                    ? ""
                    : ", see line " + e.getLocation().getLineNr();
            throw wrong(file, "wanted a JSON object of texts, each field once" + line, null);
        }
    }

    private static URI url(String text) {
        try {
            URI url = new URI(text == null ? "" : text);
            boolean plain = ("postgresql".equals(url.getScheme()) || "postgres".equals(url.getScheme()))
                    && url.getHost() != null
                    && url.getRawUserInfo() == null
                    && url.getRawQuery() == null
                    && url.getRawFragment() == null
                    && url.getPath().matches("/[^/\\p{Cntrl}]+");
            require(plain, "url: " + WANTED);
            return url;
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("url: " + WANTED); // the exception would repeat it
        }
    }

    private static Optional<String> password(String file, Path folder, UnaryOperator<String> environment)
            throws IOException {
        if (file == null) {
            return Optional.ofNullable(environment.apply(PASSWORD)).filter(text -> !text.isEmpty());
        }
        Path path = folder.resolve(file);
        String text = new String(bytes(path, LONGEST_PASSWORD), StandardCharsets.UTF_8).stripTrailing();
        require(
                !text.isEmpty() && text.lines().count() == 1,
                "password_file " + path + " holds no password; wanted one line");
        return Optional.of(text);
    }

    private static byte[] bytes(Path file, int most) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(most + 1);
        } catch (NoSuchFileException e) {
            throw new IOException(file + " is not there", e);
        } catch (IOException e) {
            throw new IOException(file + " cannot be read: " + e, e);
        }
        if (bytes.length > most) {
            throw new IOException(file + " has more than " + most + " bytes");
        }
        return bytes;
    }

    private static IOException wrong(Path file, String problem, Exception cause) {
        return new IOException(file + " is no file of database settings: " + problem, cause);
    }

    private static void require(boolean holds, String problem) {
        if (!holds) {
            throw new IllegalArgumentException(problem);
        }
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "postgresql://" + host + ":" + port + "/" + database + " as " + user;
    }
}
