package dev.ternion.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.function.IntPredicate;

/** Checks the port that a server is to listen on: free, or a Ternion answers there. */
final class PortCheck {
    private final IntPredicate answers;

    /** @param answers whether a Ternion answers at a port of 127.0.0.1 */
    PortCheck(IntPredicate answers) {
        this.answers = answers;
    }

    /** @param wanted whether somebody asked for this port, so that a server on it would fail */
    Check run(int port, boolean wanted) {
        String name = "port " + port;
        String taken = taken(port);
        if (taken.isEmpty()) {
            return Check.ok(name, "free");
        }
        if (answers.test(port)) {
            return Check.ok(name, "a Ternion answers there");
        }
        String advice = "Choose another: serve --port N. `ss -ltnp` tells who has it.";
        return wanted ? Check.fail(name, taken, advice) : Check.warn(name, taken, advice);
    }

    /** Why it cannot be listened on; empty if it can. */
    private static String taken(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound() ? "" : "not free";
        } catch (IOException e) {
            return "not free, and no Ternion answers: " + e.getMessage();
        }
    }
}
