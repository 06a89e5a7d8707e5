using System.Numerics.Tensors;
using P6bNative.Model;

namespace P6bNative.Trainer.Evaluation.FiveCat;

/// <summary>What is judged: a model or a baseline.</summary>
internal interface IPredictionSource
{
    /// <summary>Predicts one vector per context, not normalised.</summary>
    /// <param name="contexts">count·T·D numbers, unit vectors, oldest first.</param>
    /// <param name="truths">count·D numbers: the vectors that would be right, for the oracle; nothing else may look at them.</param>
    /// <param name="count">Number of predictions.</param>
    /// <param name="predictions">count·D numbers, written.</param>
    void Predict(ReadOnlySpan<float> contexts, ReadOnlySpan<float> truths, int count, Span<float> predictions);
}

/// <summary>A source and what is asked of it.</summary>
/// <param name="Name">model, copy_last, context_mean, ridge, p6 or oracle.</param>
/// <param name="Source">The source.</param>
/// <param name="IntactOnly">Only predictions from unchanged contexts of the corrected samples: one forward each instead of some 13.</param>
internal sealed record JudgedSource(string Name, IPredictionSource Source, bool IntactOnly = false);

/// <summary>A trained model.</summary>
internal sealed class ModelPredictions(IPredictor predictor) : IPredictionSource
{
    public void Predict(ReadOnlySpan<float> contexts, ReadOnlySpan<float> truths, int count, Span<float> predictions) =>
        predictor.Predict(contexts, count, predictions);
}

/// <summary>The last context vector.</summary>
internal sealed class CopyLastPredictions : IPredictionSource
{
    public void Predict(ReadOnlySpan<float> contexts, ReadOnlySpan<float> truths, int count, Span<float> predictions)
    {
        int dimension = predictions.Length / count, context = contexts.Length / count;
        for (int i = 0; i < count; i++)
            contexts.Slice((i + 1) * context - dimension, dimension).CopyTo(predictions.Slice(i * dimension, dimension));
    }
}

/// <summary>The mean of the context vectors.</summary>
internal sealed class ContextMeanPredictions : IPredictionSource
{
    public void Predict(ReadOnlySpan<float> contexts, ReadOnlySpan<float> truths, int count, Span<float> predictions)
    {
        int dimension = predictions.Length / count, slots = contexts.Length / predictions.Length;
        double[] sum = new double[dimension], vector = new double[dimension];
        for (int i = 0; i < count; i++)
        {
            Array.Clear(sum);
            for (int slot = 0; slot < slots; slot++)
            {
                TensorPrimitives.ConvertChecked(contexts.Slice((i * slots + slot) * dimension, dimension), vector);
                TensorPrimitives.Add(sum, vector, sum);
            }

            TensorPrimitives.Divide(sum, (double)slots, sum);
            TensorPrimitives.ConvertTruncating(sum, predictions.Slice(i * dimension, dimension));
        }
    }
}

/// <summary>The right vector: what no model can do better than.</summary>
internal sealed class OraclePredictions : IPredictionSource
{
    public void Predict(ReadOnlySpan<float> contexts, ReadOnlySpan<float> truths, int count, Span<float> predictions) =>
        truths.CopyTo(predictions);
}
