package io.millrace.infra.logging;

import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.EncoderBase;

/** Writes entries of the log as text for people, or as JSON for what collects logs. Set by logback.xml, before {@link #start}. */
public final class LogLines extends EncoderBase<ILoggingEvent> {

    static final String PATTERN = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX,UTC} %-5level %logger{36} %msg %kvp%n";
    private static final String BRIEF_PATTERN = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX,UTC} %-5level %logger{36} %msg:"
            + " %replace(%ex{1}){'[\\r\\n][\\s\\S]*', ''} %kvp%n%nopex";

    private boolean json;
    private boolean brief;
    private Encoder<ILoggingEvent> lines = new PatternLayoutEncoder();

    /** @param format {@code json}; anything else is text, which the configuration refuses unless it is {@code text} */
    public void setFormat(String format) {
        json = format.equals("json");
    }

    /** @param brief whether a failure is said in one line, without its trace */
    public void setBrief(boolean brief) {
        this.brief = brief;
    }

    @Override
    public void start() {
        if (json) {
            lines = new JsonLines(brief);
        } else {
            PatternLayoutEncoder text = new PatternLayoutEncoder();
            text.setPattern(brief ? BRIEF_PATTERN : PATTERN);
            lines = text;
        }
        lines.setContext(getContext());
        lines.start();
        super.start();
    }

    @Override
    public byte[] headerBytes() {
        return lines.headerBytes();
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        return lines.encode(event);
    }

    @Override
    public byte[] footerBytes() {
        return lines.footerBytes();
    }
}
