package dev.ternion.observe;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log of this process. */
public final class Logs {
    private Logs() {}

    /**
     * Each entry is a line for people on stderr: stdout is for JSON. Level of our own packages: {@code -Dternion.log=DEBUG}.
     *
     * @param redaction takes keys and tokens out of a text
     */
    public static void useText(LoggerContext context, UnaryOperator<String> redaction) {
        context.getLogger("dev.ternion").setLevel(Level.toLevel(System.getProperty("ternion.log"), Level.INFO));
        // The tokenizer library warns of a missing GPU that it does not need.
        context.getLogger("ai.djl").setLevel(Level.ERROR);
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.WARN);
        write(context, new TextLog(redaction));
    }

    /**
     * From here on each line on stderr is a JSON object, also what libraries log by java.util.logging and what ends a thread.
     *
     * @param redaction takes keys and tokens out of a text
     */
    public static void useJson(UnaryOperator<String> redaction) {
        write((LoggerContext) LoggerFactory.getILoggerFactory(), new JsonLog(redaction));
        LogManager.getLogManager().reset();
        java.util.logging.Logger.getLogger("").addHandler(new Bridge());
        Thread.setDefaultUncaughtExceptionHandler((thread, fault) ->
                LoggerFactory.getLogger(Logs.class).error("thread {} ended", thread.getName(), fault));
    }

    /** Runs something whose entries nobody wants, warnings included. To be called while no other thread logs. */
    public static <T> T quietly(Callable<T> work) throws Exception {
        ch.qos.logback.classic.Logger ours =
                ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger("dev.ternion");
        Level usual = ours.getLevel();
        ours.setLevel(Level.OFF);
        try {
            return work.call();
        } finally {
            ours.setLevel(usual);
        }
    }

    private static void write(LoggerContext context, Encoder<ILoggingEvent> encoder) {
        ConsoleAppender<ILoggingEvent> stderr = new ConsoleAppender<>();
        stderr.setName("stderr");
        stderr.setContext(context);
        stderr.setTarget("System.err");
        encoder.setContext(context);
        encoder.start();
        stderr.setEncoder(encoder);
        stderr.start();
        ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.detachAndStopAllAppenders();
        root.addAppender(stderr);
    }

    /** Hands on what java.util.logging is told, by which gRPC and the JDK log. */
    private static final class Bridge extends Handler {
        private final SimpleFormatter formatter = new SimpleFormatter();

        @Override
        public void publish(LogRecord record) {
            String name = record.getLoggerName() == null ? "java.util.logging" : record.getLoggerName();
            Logger logger = LoggerFactory.getLogger(name);
            String message = formatter.formatMessage(record);
            int level = record.getLevel().intValue();
            if (level >= java.util.logging.Level.SEVERE.intValue()) {
                logger.error(message, record.getThrown());
            } else if (level >= java.util.logging.Level.WARNING.intValue()) {
                logger.warn(message, record.getThrown());
            } else if (level >= java.util.logging.Level.INFO.intValue()) {
                logger.info(message, record.getThrown());
            } else {
                logger.debug(message, record.getThrown());
            }
        }

        @Override
        public void flush() {
            // nothing is held back
        }

        @Override
        public void close() {
            // nothing is open
        }
    }
}
