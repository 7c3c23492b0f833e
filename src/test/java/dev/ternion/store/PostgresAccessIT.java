package dev.ternion.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ternion.TestCertificates;
import dev.ternion.jobs.JobState;
import dev.ternion.store.PostgresSettings.SslMode;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who gets into a PostgreSQL database and who does not, what is said then, and what connections are like. */
class PostgresAccessIT {
    private static final String SECRET = "correct-horse";
    private static EmbeddedPostgres server;

    @TempDir
    static Path folder;

    @BeforeAll
    static void start() throws Exception {
        server = TestPostgres.start();
        TestPostgres.wantPasswords(server);
        TestPostgres.execute(
                server,
                "CREATE ROLE ternion LOGIN PASSWORD '" + SECRET + "'",
                "CREATE DATABASE owned OWNER ternion",
                "CREATE DATABASE foreign_one");
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    private static PostgresSettings as(String user, String password, String database) {
        return new PostgresSettings(
                "127.0.0.1",
                server.getPort(),
                database,
                user,
                Optional.ofNullable(password),
                SslMode.DISABLE,
                Optional.empty());
    }

    private static PostgresSettings tls(String host, SslMode mode, Path root) {
        return new PostgresSettings(
                host, server.getPort(), "owned", "ternion", Optional.of(SECRET), mode, Optional.ofNullable(root));
    }

    /** Asks for the process that has the lock on a database of this server. */
    private static String ownerOf(String database) {
        return "SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE l.locktype = 'advisory'"
                + " AND l.objid = 1 AND l.granted AND d.datname = '" + database + "'";
    }

    private static JobDatabase open(PostgresSettings settings) throws IOException {
        return JobDatabase.onPostgres(settings, e -> {});
    }

    private static void refused(PostgresSettings settings, String... messages) {
        assertThatThrownBy(() -> open(settings).close())
                .isInstanceOf(IOException.class)
                .hasNoCause()
                .hasMessageContaining(settings.toString())
                .hasMessageContainingAll(messages)
                .hasMessageNotContaining(SECRET)
                .hasMessageNotContaining("wrong-horse");
    }

    @Test
    void whoMayUseItDoes() throws Exception {
        try (JobDatabase jobs = open(as("ternion", SECRET, "owned"))) {
            assertThat(jobs.store().count(JobState.QUEUED)).isZero();
            assertThat(jobs.id()).hasValueSatisfying(id -> assertThat(id).matches("[0-9a-f]{32}"));
        }
    }

    @Test
    void aWrongOrMissingPassword() {
        refused(as("ternion", "wrong-horse", "owned"), "password authentication failed", "Correct user and password");
        refused(as("ternion", null, "owned"), "No password was given", "TERNION_DATABASE_PASSWORD");
    }

    @Test
    void aDatabaseThatIsNotThereOrNotOurs() {
        refused(as("ternion", SECRET, "gone"), "does not exist", "CREATE DATABASE gone OWNER ternion");
        refused(as("ternion", SECRET, "foreign_one"), "role ternion may not make tables", "GRANT USAGE, CREATE");
    }

    @Test
    void nobodyThere() throws Exception {
        // Bound, so that nobody else gets it, and not listening.
        try (Socket taken = new Socket()) {
            taken.bind(new InetSocketAddress("127.0.0.1", 0));
            PostgresSettings settings = new PostgresSettings(
                    "127.0.0.1",
                    taken.getLocalPort(),
                    "jobs",
                    "u",
                    Optional.of(SECRET),
                    SslMode.DISABLE,
                    Optional.empty());
            refused(settings, "refused", "Look whether it runs there");
        }
    }

    @Test
    void tablesOfALaterVersion() throws Exception {
        PostgresSettings settings = TestPostgres.database(server, "later");
        open(settings).close();
        DatabaseFile.Schema now = PostgresFacts.of(settings).schema();
        assertThat(now.later()).isFalse();
        assertThat(now.version()).isEqualTo(now.known());
        try (Connection connection = new PostgresConnections(settings, "test").getConnection()) {
            connection
                    .createStatement()
                    .execute("INSERT INTO flyway_schema_history (installed_rank, version, description, type, script,"
                            + " checksum, installed_by, execution_time, success) VALUES (999, '999', 'later', 'SQL',"
                            + " 'V999__later.sql', 1, 'test', 1, true)");
        }
        refused(settings, "tables of version 999, this Ternion knows up to " + now.known(), "use the later version");
    }

    @Test
    void anEncodingThatCannotHoldAllNames() throws Exception {
        TestPostgres.execute(
                server, "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
        refused(TestPostgres.settings(server, "latin"), "its encoding is LATIN1, wanted UTF8");
    }

    @Test
    void aDatabaseWhoseCommitsMayBeLost() throws Exception {
        PostgresSettings settings = TestPostgres.database(server, "unsafe");
        TestPostgres.execute(server, "ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()");
        try {
            await().until(() ->
                    TestPostgres.ask(server, "SHOW full_page_writes").equals("off"));
            refused(settings, "full_page_writes is off");
        } finally {
            TestPostgres.execute(server, "ALTER SYSTEM RESET full_page_writes", "SELECT pg_reload_conf()");
            await().until(() ->
                    TestPostgres.ask(server, "SHOW full_page_writes").equals("on"));
        }
    }

    /** The test's server has it off; a database or role may say so too, or be stricter. */
    @Test
    void commitsWaitForTheDisk() throws Exception {
        PostgresSettings settings = TestPostgres.database(server, "commits");
        for (String usual : List.of("off", "local", "remote_write", "on", "remote_apply")) {
            TestPostgres.execute(server, "ALTER DATABASE commits SET synchronous_commit = " + usual);
            assertThat(PostgresFacts.of(settings).commit()).isEqualTo(usual);
            try (ServerLock lock = new ServerLock(settings, "commits", e -> {});
                    Connection user = lock.users().getConnection();
                    ResultSet rows = user.createStatement().executeQuery("SHOW synchronous_commit")) {
                rows.next();
                assertThat(rows.getString(1)).isEqualTo(usual.equals("remote_apply") ? usual : "on");
            }
        }
    }

    @Test
    void aSecondServerIsRefusedUntilTheFirstIsGone() throws Exception {
        PostgresSettings settings = TestPostgres.database(server, "single");
        JobDatabase first = open(settings);
        refused(settings, "is used by another server (connected from ", " since ", "stop that one");
        assertThat(PostgresFacts.of(settings).server()).isTrue();
        first.close();
        // The database gives the lock back when it has noticed.
        await().until(() -> !PostgresFacts.of(settings).server());
        open(settings).close();
    }

    /** A server that no longer has the lock and does not know it yet: no other begins while it can still write, and then it cannot. */
    @Test
    void noServerBeginsWhileConnectionsOfTheLastOneAreLeft() throws Exception {
        PostgresSettings settings = TestPostgres.database(server, "leftover");
        ServerLock first = new ServerLock(settings, "first", e -> {});
        Connection left = first.users().getConnection();
        TestPostgres.execute(server, "SELECT pg_terminate_backend(pid) FROM (" + ownerOf("leftover") + ") AS owners");
        String owners = "SELECT count(*) FROM (" + ownerOf("leftover") + ") AS owners";
        await().until(() -> TestPostgres.ask(server, owners).equals("0"));
        assertThatThrownBy(() -> first.users().getConnection())
                .hasMessageContaining("the lock on the database was lost");
        CompletableFuture<ServerLock> second = CompletableFuture.supplyAsync(() -> {
            try {
                return new ServerLock(settings, "second", e -> {});
            } catch (IOException | SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        await().until(() -> TestPostgres.ask(
                        server,
                        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 2 AND NOT granted")
                .equals("1"));
        assertThat(second).isNotDone();
        left.close();
        try (ServerLock other = second.get(2, TimeUnit.MINUTES)) {
            other.users().getConnection().close();
            assertThatThrownBy(() -> first.users().getConnection())
                    .hasMessageContaining("the lock on the database was lost");
        }
        first.close();
    }

    @Test
    void aServerTakesALockThatBrokeAgain() throws Exception {
        PostgresSettings settings = TestPostgres.database(server, "broken");
        List<RuntimeException> lost = new CopyOnWriteArrayList<>();
        try (JobDatabase jobs = JobDatabase.onPostgres(settings, lost::add)) {
            String before = TestPostgres.ask(server, ownerOf("broken"));
            TestPostgres.execute(server, "SELECT pg_terminate_backend(" + before + ")");
            String others = "SELECT count(*) FROM (" + ownerOf("broken") + ") AS owners WHERE pid <> " + before;
            await().until(() -> TestPostgres.ask(server, others).equals("1"));
            await().ignoreExceptions().until(() -> jobs.store().count(JobState.QUEUED) == 0);
        }
        assertThat(lost).isEmpty();
    }

    /** The server's own broken connection, which the database notices between two questions: no other server was there. */
    @Test
    void aLockThatIsGivenBackWhileItIsAskedForWasNoOthers() throws Exception {
        PostgresSettings settings = TestPostgres.database(server, "given_back");
        List<RuntimeException> lost = new CopyOnWriteArrayList<>();
        try (ServerLock lock = new ServerLock(settings, "only", lost::add);
                Connection connection = new PostgresConnections(settings, "only").getConnection()) {
            assertThat(lock.take(afterTheFirstQuestion(connection, () -> breakOwnerOf("given_back"))))
                    .isFalse();
        }
        assertThat(lost).isEmpty();
    }

    private static void breakOwnerOf(String database) {
        try {
            String owners = ownerOf(database);
            TestPostgres.execute(server, "SELECT pg_terminate_backend(pid) FROM (" + owners + ") AS owners");
            await().until(() -> TestPostgres.ask(server, "SELECT count(*) FROM (" + owners + ") AS owners")
                    .equals("0"));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The same connection; something happens once it has answered its first question. */
    private static Connection afterTheFirstQuestion(Connection connection, Runnable event) {
        AtomicInteger questions = new AtomicInteger();
        return proxy(Connection.class, connection, (method, answer) -> {
            return method.equals("createStatement")
                    ? proxy(Statement.class, (Statement) answer, (name, rows) -> {
                        if (name.equals("executeQuery") && questions.incrementAndGet() == 1) {
                            event.run();
                        }
                        return rows;
                    })
                    : answer;
        });
    }

    private static <T> T proxy(Class<T> type, T of, BiFunction<String, Object, Object> answer) {
        InvocationHandler handler = (self, method, arguments) -> {
            try {
                return answer.apply(method.getName(), method.invoke(of, arguments));
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        };
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    @Test
    void aServerEndsWhenAnotherWasThereMeanwhile() throws Exception {
        PostgresSettings settings = TestPostgres.database(server, "taken");
        List<RuntimeException> lost = new CopyOnWriteArrayList<>();
        try (JobDatabase first = JobDatabase.onPostgres(settings, lost::add);
                Connection other = new PostgresConnections(settings, "other").getConnection()) {
            assertThat(first.id()).isPresent();
            // What another server leaves that came and went while this one could not see it.
            other.createStatement().execute("UPDATE holder SET server = 'another'");
            TestPostgres.execute(server, "SELECT pg_terminate_backend(pid) FROM (" + ownerOf("taken") + ") AS owners");
            await().until(() -> !lost.isEmpty());
        }
        assertThat(lost.get(0)).hasMessageContaining("another server has taken " + settings);
    }

    @Test
    void tlsIsAsStrictAsWanted() throws Exception {
        TestCertificates ours = new TestCertificates(folder.resolve("ours"));
        refused(tls("127.0.0.1", SslMode.REQUIRE, null), "does not support SSL", "ssl_mode, now require");
        TestCertificates.Pair pair = ours.server("server", "EC");
        Files.setPosixFilePermissions(pair.key(), PosixFilePermissions.fromString("rw-------"));
        TestPostgres.execute(
                server,
                "ALTER SYSTEM SET ssl_cert_file = '" + pair.certificate() + "'",
                "ALTER SYSTEM SET ssl_key_file = '" + pair.key() + "'",
                "ALTER SYSTEM SET ssl = on",
                "SELECT pg_reload_conf()");
        await().until(() -> TestPostgres.ask(server, "SHOW ssl").equals("on"));
        for (SslMode mode : List.of(SslMode.REQUIRE, SslMode.VERIFY_CA, SslMode.VERIFY_FULL)) {
            try (Connection connection =
                            new PostgresConnections(tls("127.0.0.1", mode, ours.ca()), "tls").getConnection();
                    ResultSet rows = connection
                            .createStatement()
                            .executeQuery("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")) {
                rows.next();
                assertThat(rows.getString(1)).as("%s", mode).isEqualTo("TLSv1.3");
            }
        }
        new PostgresConnections(tls("127.1", SslMode.VERIFY_CA, ours.ca()), "tls")
                .getConnection()
                .close();
        refused(tls("127.1", SslMode.VERIFY_FULL, ours.ca()), "127.1", "ssl_mode, now verify-full");
        refused(tls("127.0.0.1", SslMode.VERIFY_CA, null), "ssl_mode, now verify-ca");
        refused(tls("127.0.0.1", SslMode.VERIFY_FULL, null), "ssl_mode, now verify-full");
    }
}
