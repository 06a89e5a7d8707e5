using P6bNative.Autograd;

namespace P6bNative.Model;

/// <summary>A model that predicts the next vector of a document from the last few. It describes; its numbers live in a <see cref="ParameterSet"/>.</summary>
public interface IVectorPredictor
{
    /// <summary>The sizes.</summary>
    VectorPredictorConfig Config { get; }

    /// <summary>Names, shapes and places of the parameters.</summary>
    ParameterLayout Layout { get; }

    /// <summary>Appends the forward pass to a tape; dropout is active on a training tape.</summary>
    /// <param name="tape">The tape, not sealed yet.</param>
    /// <param name="parameters">Parameters of <see cref="Layout"/>.</param>
    /// <param name="context">[B·T,D]: T = <see cref="VectorPredictorConfig.ContextLength"/> vectors per sample, oldest first.</param>
    /// <returns>raw [B,D], not normalised.</returns>
    /// <exception cref="ShapeException">The context does not have this shape.</exception>
    Tensor Record(Tape tape, ParameterSet parameters, Tensor context);
}
