using P6bNative.Autograd;

namespace P6bNative.Model;

/// <summary>Layers with parameters, recorded under the names of their parameters.</summary>
internal sealed class Layers(Tape tape, ParameterSet parameters)
{
    public Tape Tape => tape;

    /// <summary>nn.Linear.</summary>
    public Tensor Linear(Tensor x, string name) => tape.Linear(x, Parameter($"{name}.weight"), Parameter($"{name}.bias"), name);

    /// <summary>Outputs [first, first + count) of the packed projection of an nn.MultiheadAttention.</summary>
    public Tensor InProjection(Tensor x, string attention, int first, int count, string role) =>
        tape.Linear(
            x,
            parameters.Record(tape, $"{attention}.in_proj_weight", first, count),
            parameters.Record(tape, $"{attention}.in_proj_bias", first, count),
            $"{attention}.in_proj.{role}");

    /// <summary>nn.LayerNorm.</summary>
    public Tensor Norm(Tensor x, string name) => tape.LayerNorm(x, Parameter($"{name}.weight"), Parameter($"{name}.bias"), name);

    /// <summary>LayerNorm(residual + dropout(x)).</summary>
    public Tensor ResidualNorm(Tensor x, Tensor residual, float dropout, string name) =>
        tape.DropoutResidualLayerNorm(x, residual, Parameter($"{name}.weight"), Parameter($"{name}.bias"), dropout, name);

    private Tensor Parameter(string name) => parameters.Record(tape, name);
}
