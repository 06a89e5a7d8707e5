namespace P6bNative.Trainer.Loss;

/// <summary>
/// Constants of a mode whose directional term is InfoNCE inside the target's article (<see cref="InfoNce"/>). Its λ is λ_max held down by the gradient
/// cap, which is what sets the strength of the term: at a cap of 1 it moves the output as much as the MSE does.
/// </summary>
internal sealed record InArticleContrast
{
    /// <summary>K: negatives drawn for a sequence, from its target's article without the contexts and the target; fewer where there are fewer.</summary>
    public required int Negatives { get; init; }

    /// <summary>τ: cosines are divided by it.</summary>
    public required double Temperature { get; init; }
}
