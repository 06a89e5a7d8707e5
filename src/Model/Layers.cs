using P6bNative.Autograd;

namespace P6bNative.Model;

/// <summary>Layers with parameters, recorded under the names of their parameters.</summary>
internal sealed class Layers(Tape tape, ParameterSet parameters)
{
    public Tape Tape => tape;

    /// <summary>nn.Linear.</summary>
    public Tensor Linear(Tensor x, string name) => tape.Linear(x, Parameter($"{name}.weight"), Parameter($"{name}.bias"), name);

    /// <summary>Outputs [first, first + count) of the packed projection of an nn.MultiheadAttention.</summary>
    public Tensor InProjection(Tensor x, string attention, int first, int count, string role)
    {
        (Tensor weight, Tensor bias) = InProjectionParameters(attention, first, count);
        return tape.Linear(x, weight, bias, $"{attention}.in_proj.{role}");
    }

    /// <summary>Weight and bias of the outputs [first, first + count) of the packed projection of an nn.MultiheadAttention.</summary>
    public (Tensor Weight, Tensor Bias) InProjectionParameters(string attention, int first, int count) =>
        (parameters.Record(tape, $"{attention}.in_proj_weight", first, count), parameters.Record(tape, $"{attention}.in_proj_bias", first, count));

    /// <summary>nn.LayerNorm.</summary>
    public Tensor Norm(Tensor x, string name) => tape.LayerNorm(x, Parameter($"{name}.weight"), Parameter($"{name}.bias"), name);

    /// <summary>LayerNorm(residual + dropout(x)).</summary>
    public Tensor ResidualNorm(Tensor x, Tensor residual, float dropout, string name) =>
        tape.DropoutResidualLayerNorm(x, residual, Parameter($"{name}.weight"), Parameter($"{name}.bias"), dropout, name);

    /// <summary>One layer of nn.LSTM.</summary>
    public Tensor Lstm(Tensor x, string name, int layer, int length) => tape.Lstm(x, Recurrent(name, layer), length, $"{name}.l{layer}");

    /// <summary>One layer of nn.GRU.</summary>
    public Tensor Gru(Tensor x, string name, int layer, int length) => tape.Gru(x, Recurrent(name, layer), length, $"{name}.l{layer}");

    private RecurrentWeights Recurrent(string name, int layer)
    {
        Tensor Named(string parameter) => Parameter(ParameterLayout.RecurrentName(name, parameter, layer));
        return new RecurrentWeights(Named("weight_ih"), Named("weight_hh"), Named("bias_ih"), Named("bias_hh"));
    }

    private Tensor Parameter(string name) => parameters.Record(tape, name);
}
