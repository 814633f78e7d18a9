package io.millrace.infra.cli;

import io.millrace.infra.client.json.JsonCodec;
import io.millrace.infra.doctor.Doctor;
import io.millrace.infra.doctor.Finding;
import io.millrace.ingest.config.ConfigException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Looks at a configuration and at all that it leads to. */
@Command(
        name = "doctor",
        description = {
            "Looks at a configuration and at what it leads to, and says what to do for each finding.",
            "It looks at files and their rights, certificates, Kafka with its topics and rights, PostgreSQL, other nodes, and"
                    + " clocks, and changes nothing.",
            "Exit code 1 if a node would not start or not work."
        },
        mixinStandardHelpOptions = true)
public final class DoctorCommand implements Callable<Integer> {

    /** Forms of what is printed. */
    private enum Form {
        TEXT,
        JSON;

        static final class Named implements ITypeConverter<Form> {

            @Override
            public Form convert(String text) {
                return switch (text) {
                    case "text" -> TEXT;
                    case "json" -> JSON;
                    default -> throw new TypeConversionException("expected text or json, but got '" + text + "'");
                };
            }
        }
    }

    @Spec
    private CommandSpec spec;

    @Mixin
    private NodeOptions options;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            converter = Form.Named.class,
            description = "text, a line for each finding, or json.")
    private Form form = Form.TEXT;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        List<Finding> findings = new ArrayList<>();
        Consumer<Finding> told = finding -> {
            findings.add(finding);
            if (form == Form.TEXT) {
                out.println(line(finding));
            }
        };
        try (NodeOptions.Opened opened = options.open()) {
            Doctor.examine(opened.config(), options.file(), opened.development(), told);
        } catch (ConfigException e) {
            told.accept(Doctor.unusable(e));
        }
        if (form == Form.JSON) {
            out.println(
                    JsonCodec.pretty(findings.stream().map(DoctorCommand::json).toList()));
        }
        return findings.stream().anyMatch(finding -> finding.level() == Finding.Level.FAILURE) ? 1 : 0;
    }

    private static String line(Finding finding) {
        String what = "%-8s %-13s %s"
                .formatted(finding.level().name().toLowerCase(Locale.ROOT), finding.subject(), finding.found());
        return finding.advice().isEmpty() ? what : what + "; to do: " + finding.advice();
    }

    private static Map<String, Object> json(Finding finding) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("level", finding.level().name());
        fields.put("subject", finding.subject());
        fields.put("found", finding.found());
        fields.put("advice", finding.advice());
        return fields;
    }
}
