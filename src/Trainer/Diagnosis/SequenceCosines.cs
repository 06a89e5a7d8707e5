using System.Numerics.Tensors;
using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Diagnosis;

/// <summary>Mean cosines inside the sequences of a file or store.</summary>
/// <param name="ToTarget">Of each context slot with the target.</param>
/// <param name="LastToBefore">Of ctx4 with ctx3.</param>
/// <param name="ShareLastCloser">Share of sequences whose target is nearer to ctx4 than to ctx0.</param>
/// <param name="Count">Number of sequences.</param>
internal sealed record SequenceCosines(IReadOnlyList<double> ToTarget, double LastToBefore, double ShareLastCloser, int Count)
{
    public double LastToTarget => ToTarget[^1];

    /// <summary>cos(ctx4, target) - cos(ctx0, target).</summary>
    public double LastMinusFirst => ToTarget[^1] - ToTarget[0];

    /// <summary>cos(ctx4, ctx3) - cos(ctx4, target), the original's "forward signal".</summary>
    public double BeforeMinusTarget => LastToBefore - LastToTarget;

    public static SequenceCosines Of(ISequenceSet set)
    {
        int dimension = set.Dimension;
        var toTarget = new RunningMean[SequenceSet.ContextLength];
        RunningMean lastToBefore = default;
        int lastCloser = 0;
        var context = new float[SequenceSet.ContextLength * dimension];
        var target = new float[dimension];
        var cosines = new double[toTarget.Length];
        for (int sequence = 0; sequence < set.Count; sequence++)
        {
            set.CopyContext(sequence, context);
            set.CopyTarget(sequence, target);
            for (int slot = 0; slot < cosines.Length; slot++)
            {
                cosines[slot] = TensorPrimitives.CosineSimilarity<float>(Slot(slot), target);
                toTarget[slot].Add(cosines[slot]);
            }
            lastToBefore.Add(TensorPrimitives.CosineSimilarity<float>(Slot(^1), Slot(^2)));
            lastCloser += cosines[^1] > cosines[0] ? 1 : 0;
        }
        return new SequenceCosines([.. toTarget.Select(mean => mean.Value)], lastToBefore.Value, (double)lastCloser / set.Count, set.Count);

        ReadOnlySpan<float> Slot(Index slot) => context.AsSpan(slot.GetOffset(SequenceSet.ContextLength) * dimension, dimension);
    }
}
