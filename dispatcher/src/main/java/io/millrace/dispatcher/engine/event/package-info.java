/**
 * What happened: past participles, sealed, and their canonical form as JSON, which is hashed. Data only. A field that has once
 * been written keeps its name and meaning for ever.
 */
@NullMarked
package io.millrace.dispatcher.engine.event;

import org.jspecify.annotations.NullMarked;
