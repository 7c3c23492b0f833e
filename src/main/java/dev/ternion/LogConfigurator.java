package dev.ternion;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.core.spi.ContextAwareBase;
import dev.ternion.api.Secrets;
import dev.ternion.observe.Logs;

/** Found by Logback as a service. In Java, and not a logback.xml: every worker would have to read it before it starts. */
public final class LogConfigurator extends ContextAwareBase implements Configurator {
    @Override
    public ExecutionStatus configure(LoggerContext context) {
        Logs.useText(context, Secrets::redact);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }
}
