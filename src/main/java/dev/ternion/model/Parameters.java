package dev.ternion.model;

import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.ops.QuantizedWeight;
import dev.ternion.tensor.ops.Updates;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The named parameters of a model, in a fixed order. */
public final class Parameters implements AutoCloseable {
    private final Device device;
    private final Map<String, Parameter> byName = new LinkedHashMap<>();
    private final Map<Parameter, QuantizedWeight> quantized = new LinkedHashMap<>();

    public Parameters(Device device) {
        this.device = device;
    }

    /** A new parameter, contents undefined until loaded. */
    public Parameter create(String name, long... sizes) {
        Shape shape = Shape.of(sizes);
        Parameter parameter = new Parameter(name, shape, device.allocate(DType.REAL, shape.elements()));
        if (byName.put(name, parameter) != null) {
            throw new IllegalStateException("two parameters are named " + name);
        }
        return parameter;
    }

    /** Takes note of a parameter's codes. */
    public void attach(QuantizedWeight codes) {
        quantized.put(codes.weight(), codes);
    }

    /** The codes of a parameter, or null. */
    public QuantizedWeight quantized(Parameter parameter) {
        return quantized.get(parameter);
    }

    /** Renews the codes of all parameters that have changed. */
    public void requantize() {
        QuantizedWeight.refresh(device, quantized.values());
    }

    /** The device the parameters live on. */
    public Device device() {
        return device;
    }

    /** All parameters in order of creation. */
    public Collection<Parameter> all() {
        return Collections.unmodifiableCollection(byName.values());
    }

    /** One parameter. */
    public Parameter get(String name) {
        Parameter parameter = byName.get(name);
        if (parameter == null) {
            throw new IllegalArgumentException("no parameter is named " + name);
        }
        return parameter;
    }

    /** Sets every value to that of the same-named parameter. */
    public void copyFrom(Parameters other) {
        for (Parameter parameter : all()) {
            Updates.copy(device, parameter, other.get(parameter.name()));
        }
    }

    /** Drops all gradients. */
    public void clearGrads() {
        all().forEach(Parameter::clearGrad);
    }

    @Override
    public void close() {
        all().forEach(Parameter::close);
    }
}
