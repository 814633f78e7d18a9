package io.millrace.ingest.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlFactory;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads files of TOML, of settings as well as of keys. No message repeats what stands in them: it may be a secret. */
public final class TomlFile {

    private static final TomlMapper MAPPER = new TomlMapper(TomlFactory.builder()
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build());

    private TomlFile() {}

    /**
     * @return the table that the file is
     * @throws ConfigException if it cannot be read, or is no TOML
     */
    public static JsonNode read(Path file) {
        try {
            return parse(Files.readString(file), file.toString());
        } catch (NoSuchFileException e) {
            throw new ConfigException("expected a configuration file at " + file + ", but there is none", e);
        } catch (CharacterCodingException e) {
            throw new ConfigException("expected UTF-8 text in " + file + ", but it is not", e);
        } catch (IOException e) {
            throw new ConfigException("expected to read " + file + ", but could not: " + e.getMessage(), e);
        }
    }

    /**
     * @param name of what the text stands in, for messages
     * @return the table that the text is
     * @throws ConfigException if it is no TOML
     */
    public static JsonNode parse(String toml, String name) {
        try {
            JsonNode tree = MAPPER.readTree(toml);
            return tree.isObject() ? tree : MAPPER.createObjectNode();
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            // The parser's own text may quote the line.
            throw new ConfigException("expected TOML in " + name + ", but line " + line + " is not");
        }
    }
}
