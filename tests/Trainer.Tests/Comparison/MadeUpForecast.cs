using System.Text.Json;

namespace P6bNative.Trainer.Tests.Comparison;

/// <summary>Writes a forecast.json with two stages, the second from epoch 3 on, and a curve of four points.</summary>
internal static class MadeUpForecast
{
    public static void Write(string run, string mode, string? negative, bool collapses, long trainWindows = 1000)
    {
        object forecast = new
        {
            mode,
            negative,
            curve_negative = negative ?? "ctx3",
            predictor = "ridge",
            train_windows = trainWindows,
            stages = new object[]
            {
                new { stage = 1, first_epoch = 1, collapses = false, alpha = 0.1, cosine = 0.67, margins = Margins(-0.05) },
                new
                {
                    stage = 2,
                    first_epoch = 3,
                    collapses,
                    alpha = collapses ? (double?)null : 0.3,
                    cosine = collapses ? (double?)null : 0.6,
                    margins = collapses ? null : Margins(0.05),
                },
            },
            curve = new object[]
            {
                new { alpha = 0.0, cosine = 0.68, margins = Margins(-0.1) },
                new { alpha = 0.2, cosine = 0.65, margins = Margins(0.0) },
                new { alpha = 0.4, cosine = 0.55, margins = Margins(0.1) },
                new { alpha = 0.6, cosine = 0.2, margins = Margins(0.05) },
            },
        };
        File.WriteAllText(Path.Combine(run, "forecast.json"), JsonSerializer.Serialize(forecast));
    }

    private static double[] Margins(double ofNegative) => [1, 1, 1, ofNegative, 1];
}
