namespace P6bNative.Model;

/// <summary>Runs a trained model on contexts, without dropout.</summary>
public interface IPredictor : IDisposable
{
    /// <summary>Predicts one vector per context; a prediction does not depend on its neighbours.</summary>
    /// <param name="contexts">count·T·D numbers: T vectors per sample, oldest first.</param>
    /// <param name="count">Number of samples; any.</param>
    /// <param name="raw">count·D numbers, written: the model's output, not normalised.</param>
    /// <exception cref="ArgumentException">A span does not have this length.</exception>
    void Predict(ReadOnlySpan<float> contexts, int count, Span<float> raw);
}
