package dev.ternion.cli;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Where a server listens.
 *
 * @param host name or address; IPv6 in brackets
 * @param port TCP port
 */
record ServerAddress(String host, int port) {
    /** Reads `host:port`. */
    static ServerAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        boolean bareIpv6 = host.contains(":") && !host.startsWith("[");
        int port = colon < 0 ? -1 : port(text.substring(colon + 1));
        if (host.isEmpty() || host.contains("/") || bareIpv6 || port < 1 || port > 65_535) {
            throw new CliException(
                    ExitCode.USAGE,
                    "--server is \"" + text + "\"; wanted host:port, for example " + RootCommand.DEFAULT_SERVER);
        }
        return new ServerAddress(host, port);
    }

    /** Whether it is this machine; a name that cannot be resolved is not. */
    boolean isLoopback() {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static int port(String digits) {
        try {
            return Integer.parseInt(digits);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
