using System.Runtime.InteropServices;

namespace P6bNative.Kernels.Devices;

/// <summary>The processor's own name, where the system tells it.</summary>
internal static class ProcessorName
{
    private const string LinuxFile = "/proc/cpuinfo";

    public static string Value { get; } = Find();

    private static string Find()
    {
        try
        {
            if (File.Exists(LinuxFile))
            {
                foreach (string line in File.ReadLines(LinuxFile))
                {
                    if (line.StartsWith("model name", StringComparison.Ordinal))
                        return line[(line.IndexOf(':') + 1)..].Trim();
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Only a name for people: the architecture serves where the file cannot be read.
        }
        return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? $"{RuntimeInformation.ProcessArchitecture} processor";
    }
}
