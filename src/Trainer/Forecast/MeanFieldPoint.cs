using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Forecast;

/// <summary>One point of the curve under one stage of a mode.</summary>
/// <param name="Alpha">α: how much of the negative is subtracted from the MSE's prediction.</param>
/// <param name="Response">The α at which the gradient of the whole loss vanishes, with λ and the cosines of this point.</param>
/// <param name="Cosine">c, mean cosine with the target.</param>
/// <param name="Margins">[T] mean cos(p, target) − cos(p, ctx i).</param>
/// <param name="Loss">What a training step would report here.</param>
internal sealed record MeanFieldPoint(double Alpha, double Response, double Cosine, IReadOnlyList<double> Margins, StepReport Loss);
