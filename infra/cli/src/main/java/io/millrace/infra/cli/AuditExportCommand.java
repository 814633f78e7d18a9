package io.millrace.infra.cli;

import io.millrace.infra.client.command.IdConverter;
import io.millrace.infra.server.StartException;
import io.millrace.ingest.audit.trail.TrailExport;
import io.millrace.ingest.audit.trail.TrailPositions;
import io.millrace.proto.mac.MacMode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Writes the audit trail into a file. */
@Command(
        name = "export",
        description = {
            "Writes the audit trail as JSON Lines of CloudEvents 1.0, straight from Kafka: no server is asked.",
            "docs/audit/trail-event.schema.json describes the lines. Records that do not fit the log before them are written with"
                    + " what is wrong, and make the exit code 1, as does a log that lacks a part. With the keys of the nodes it looks at the seals of outcomes, too."
        },
        mixinStandardHelpOptions = true)
public final class AuditExportCommand implements Callable<Integer> {

    private static final String SEALS = "seals of outcomes were looked at";

    private static final String NO_SEALS =
            "seals were not looked at, since there are no keys: commands.mac.key_file names those of the nodes";

    @Spec
    private CommandSpec spec;

    @Mixin
    private LogOptions options;

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "File that the lines are added to.")
    private Path out;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            converter = Millis.class,
            description = "Only what was decided at this time or later, such as 2026-01-31T00:00:00Z.")
    private @Nullable Long from;

    @Option(
            names = "--to",
            paramLabel = "TIME",
            converter = Millis.class,
            description = "Only what was decided before this time.")
    private @Nullable Long to;

    @Option(
            names = "--org",
            paramLabel = "ID",
            converter = IdConverter.OfOrganisation.class,
            description = "Only what concerns this organisation.")
    private @Nullable UUID org;

    @Option(
            names = "--position",
            paramLabel = "FILE",
            description = "Goes on where the export ended that wrote this file, and writes it anew.")
    private @Nullable Path position;

    @Override
    public Integer call() throws Exception {
        try (LogOptions.Kafka kafka = options.kafka("audit list");
                OutputStream lines = new BufferedOutputStream(
                        Files.newOutputStream(out, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
                TrailExport export =
                        new TrailExport(kafka.clients(), kafka.macs().get())) {
            Map<Integer, Long> begin = position == null ? Map.of() : TrailPositions.read(position);
            TrailExport.Result result = export.run(begin, new TrailExport.Wanted(from, to, org), lines);
            if (position != null) {
                TrailPositions.write(position, result.positions());
            }
            result.lost().forEach(spec.commandLine().getOut()::println);
            spec.commandLine()
                    .getOut()
                    .printf(
                            Locale.ROOT,
                            "%,d entries written, %,d of them of records that do not fit the log%n",
                            result.lines(),
                            result.broken());
            spec.commandLine().getOut().println(kafka.macs().get().mode() == MacMode.OFF ? NO_SEALS : SEALS);
            return result.broken() == 0 && result.lost().isEmpty() ? 0 : 1;
        } catch (IOException e) {
            throw new StartException("expected to write the export, but could not: " + e.getMessage(), e);
        }
    }

    /** A time as milliseconds since the epoch. */
    static final class Millis implements ITypeConverter<Long> {

        @Override
        public Long convert(String text) {
            try {
                return Instant.parse(text).toEpochMilli();
            } catch (DateTimeException e) {
                throw new TypeConversionException(
                        "expected a time such as 2026-01-31T00:00:00Z, but got '" + text + "'");
            }
        }
    }
}
