package dev.ternion;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** A way to a server whose connections are cut once a client has sent so many bytes; after some cuts it is good. */
final class CuttingProxy implements AutoCloseable {
    private final ServerSocket listening;
    private final int port;
    private final long after;
    private final int most;
    private final AtomicInteger cuts = new AtomicInteger();

    /**
     * @param port of the server, on this machine
     * @param after bytes of a client
     * @param most cuts
     */
    CuttingProxy(int port, long after, int most) throws IOException {
        this.port = port;
        this.after = after;
        this.most = most;
        this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    String address() {
        return "127.0.0.1:" + listening.getLocalPort();
    }

    int cuts() {
        return cuts.get();
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listening.accept();
            Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
            start(() -> pump(client, server, true));
            start(() -> pump(server, client, false));
        }
    }

    private void pump(Socket from, Socket to, boolean counted) throws IOException {
        byte[] buffer = new byte[1 << 14];
        long passed = 0;
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                passed += n;
                if (counted && passed > after && cuts.get() < most) {
                    cuts.incrementAndGet();
                    return;
                }
                out.write(buffer, 0, n);
            }
        }
    }

    /** What a thread does until its socket is closed. */
    private interface Task {
        void run() throws IOException;
    }

    private static void start(Task task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (IOException e) {
                        return; // closed
                    }
                },
                "proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
