package dev.ternion.server;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** An HTTP/2 connection that sends the frames it is told to, good or not. */
final class RawConnection implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    static final int ACK = 1;
    static final int END_STREAM = 1;
    static final int END_HEADERS = 4;

    static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Socket socket = new Socket();
    private final OutputStream out;
    private final ByteArrayOutputStream batch = new ByteArrayOutputStream();

    /** Connects; sends nothing yet. */
    RawConnection(int port) throws IOException {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 60_000);
        socket.setSoTimeout(60_000);
        out = socket.getOutputStream();
    }

    /** Sends the preface and settings that set nothing, or one of them. */
    RawConnection open(int... setting) throws IOException {
        batch.writeBytes(PREFACE);
        ByteBuffer settings = ByteBuffer.allocate(setting.length * 3);
        for (int i = 0; i < setting.length; i += 2) {
            settings.putShort((short) setting[i]).putInt(setting[i + 1]);
        }
        return frame(SETTINGS, 0, 0, settings.array()).send();
    }

    /** Puts bytes behind what is to be sent. */
    RawConnection bytes(byte[] bytes) {
        batch.writeBytes(bytes);
        return this;
    }

    /** Puts a frame behind what is to be sent. */
    RawConnection frame(int type, int flags, int stream, byte[] payload) {
        ByteBuffer head = ByteBuffer.allocate(9);
        head.put((byte) (payload.length >> 16)).putShort((short) payload.length);
        head.put((byte) type).put((byte) flags).putInt(stream);
        batch.writeBytes(head.array());
        batch.writeBytes(payload);
        return this;
    }

    /** Sends it. */
    RawConnection send() throws IOException {
        out.write(batch.toByteArray());
        batch.reset();
        return this;
    }

    /** Reads frames, answering pings, until the server ends the connection; the error code of its GOAWAY, or -1 if there was none. */
    int awaitEnd() throws IOException {
        int code = -1;
        DataInputStream in = new DataInputStream(socket.getInputStream());
        try {
            while (true) {
                int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
                int type = in.readUnsignedByte();
                int flags = in.readUnsignedByte();
                in.readInt();
                byte[] payload = in.readNBytes(length);
                if (type == GOAWAY) {
                    code = ByteBuffer.wrap(payload).getInt(4);
                } else if (type == PING && flags == 0) {
                    frame(PING, ACK, 0, payload).send();
                }
            }
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            return code;
        }
    }

    /** A block of headers as a gRPC client sends them, nothing compressed. */
    static byte[] headers(String path) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        header(block, ":method", "POST");
        header(block, ":scheme", "http");
        header(block, ":path", path);
        header(block, ":authority", "localhost");
        header(block, "content-type", "application/grpc");
        header(block, "te", "trailers");
        return block.toByteArray();
    }

    static void header(ByteArrayOutputStream block, String name, String value) {
        block.write(0);
        block.write(name.length());
        block.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
        block.write(value.length());
        block.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
    }

    static byte[] number(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
