namespace P6bNative.Trainer.Forecast;

/// <summary>What the ridge fit behind a forecast costs beside the run that it is made for.</summary>
internal static class FitCost
{
    /// <summary>A run makes its own forecast where the fit takes at most this share of the arithmetic of its training.</summary>
    public const double LargestShare = 0.01;

    /// <summary>Largest normal matrix, in bytes, that a run makes its own forecast with: 11,585 inputs, five vectors of dimension 2,317.</summary>
    public const long LargestMatrix = 1L << 30;

    /// <summary>
    /// Floating-point operations of the fit: one triangle of XᵀX and all of XᵀY, the Cholesky factor and the two triangular solves.
    /// Where windows overlap, in a store, the first two take less; this is the most.
    /// </summary>
    /// <param name="windows">Rows of X.</param>
    /// <param name="inputs">Columns of X, T·D.</param>
    /// <param name="outputs">Columns of Y, D.</param>
    public static double OfRidge(double windows, double inputs, double outputs) =>
        windows * inputs * (inputs + 2 * outputs) + inputs * inputs * inputs / 3 + 2 * inputs * inputs * outputs;

    /// <summary>Floating-point operations of training, nearly: each parameter at each position once forward and twice backward, a product and a sum each.</summary>
    /// <param name="parameters">Parameters of the model.</param>
    /// <param name="windows">Windows trained on, over all epochs.</param>
    /// <param name="positions">Vectors of a window, T.</param>
    public static double OfTraining(double parameters, double windows, double positions) => 6 * parameters * windows * positions;

    /// <summary>Why a run does not make its own forecast; null where it does.</summary>
    /// <param name="ridge"><see cref="OfRidge"/></param>
    /// <param name="training"><see cref="OfTraining"/></param>
    /// <param name="inputs">Columns of X.</param>
    public static string? TooMuch(double ridge, double training, long inputs)
    {
        if (!(ridge <= LargestShare * training)) return $"its ridge fit would add {ridge / training:P1} to the arithmetic of this run";
        long matrix = inputs * inputs * sizeof(double);
        return matrix <= LargestMatrix ? null : $"its normal matrix takes {matrix / (double)(1L << 30):F1} GiB";
    }
}
