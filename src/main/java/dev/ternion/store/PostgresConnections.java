package dev.ternion.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.ssl.DefaultJavaSSLFactory;

/** Opens connections to a PostgreSQL database whose commits are on disk when they return. */
class PostgresConnections extends PGSimpleDataSource {
    private static final long serialVersionUID = 1L;

    private static final int CONNECT_SECONDS = 5;
    /** A database that is silent for longer is away. */
    private static final int ANSWER_SECONDS = 30;

    /**
     * Commits wait for the disk, also where the database or the role says otherwise; stricter settings stay. The database gives up a
     * client whose machine is gone after 25 s, and with it its locks.
     */
    private static final String SESSION = "SELECT set_config('synchronous_commit',"
            + " CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false),"
            + " set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false),"
            + " set_config('tcp_keepalives_count', '3', false)";

    /** @param name what the database calls these connections, see pg_stat_activity */
    PostgresConnections(PostgresSettings settings, String name) {
        setServerNames(new String[] {settings.host()});
        setPortNumbers(new int[] {settings.port()});
        setDatabaseName(settings.database());
        setUser(settings.user());
        settings.password().ifPresent(this::setPassword);
        setApplicationName(name);
        setConnectTimeout(CONNECT_SECONDS);
        setSocketTimeout(ANSWER_SECONDS);
        setTcpKeepAlive(true);
        setTargetServerType("primary");
        setGssEncMode("disable");
        setSslmode(settings.ssl().text());
        if (settings.sslRoot().isPresent()) {
            setSslRootCert(settings.sslRoot().get().toString());
        } else if (settings.ssl().compareTo(PostgresSettings.SslMode.REQUIRE) > 0) {
            setSslfactory(DefaultJavaSSLFactory.class.getName());
        }
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        Connection connection = super.getConnection(user, password);
        try (Statement statement = connection.createStatement()) {
            statement.execute(SESSION);
            prepare(statement);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** What else a new connection needs. */
    void prepare(Statement statement) throws SQLException {}
}
