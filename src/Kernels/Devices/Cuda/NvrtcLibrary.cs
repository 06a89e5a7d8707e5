using System.Runtime.InteropServices;

namespace P6bNative.Kernels.Devices;

/// <summary>Looks for NVRTC: where the system's loader looks, in the CUDA toolkit, and in the Python packages that carry it.</summary>
internal static class NvrtcLibrary
{
    private static readonly string[] LinuxNames = ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so"];
    private static readonly string[] WindowsNames = ["nvrtc64_130_0.dll", "nvrtc64_120_0.dll", "nvrtc64_112_0.dll"];

    /// <summary>Finds a compiler that is not newer than the driver, whose output the driver might refuse.</summary>
    /// <param name="driverVersion">CUDA version of the driver, major·1000 + minor·10.</param>
    /// <param name="finding">What was found, or why nothing can be used.</param>
    public static Nvrtc? Find(int driverVersion, out string finding)
    {
        string? tooNew = null;
        foreach (string file in Candidates())
        {
            if (!NativeLibrary.TryLoad(file, out nint library))
                continue;
            Nvrtc compiler;
            try
            {
                compiler = new Nvrtc(library);
            }
            catch (EntryPointNotFoundException)
            {
                continue;
            }
            if (compiler.Major <= driverVersion / 1000)
            {
                finding = $"{file}, NVRTC {compiler.Major}.{compiler.Minor}";
                return compiler;
            }
            tooNew ??= $"{file} is NVRTC {compiler.Major}.{compiler.Minor}, newer than the driver's CUDA {driverVersion / 1000}.{driverVersion % 1000 / 10}";
        }
        finding = tooNew ?? "NVRTC (part of the CUDA toolkit) not found";
        return null;
    }

    /// <summary>Names and paths to try, in order.</summary>
    internal static IEnumerable<string> Candidates()
    {
        string[] names = OperatingSystem.IsWindows() ? WindowsNames : LinuxNames;
        return names.Concat(Folders().Where(Directory.Exists).SelectMany(folder => names.Select(name => Path.Combine(folder, name))).Where(File.Exists));
    }

    private static IEnumerable<string> Folders()
    {
        string?[] toolkits = [Environment.GetEnvironmentVariable("CUDA_HOME"), Environment.GetEnvironmentVariable("CUDA_PATH"), "/usr/local/cuda"];
        foreach (string toolkit in toolkits.Where(folder => !string.IsNullOrEmpty(folder)).Select(folder => folder!))
        {
            foreach (string part in (string[])["lib64", "lib", "bin", "bin/x64"])
                yield return Path.Combine(toolkit, part);
        }
        foreach (string toolkit in Matching("/usr/local", "cuda-*"))
            yield return Path.Combine(toolkit, "lib64");
        foreach (string package in PythonLibraries().SelectMany(library => Matching(Path.Combine(library, "nvidia"), "*")))
            yield return Path.Combine(package, OperatingSystem.IsWindows() ? "bin" : "lib");
        if (Environment.GetEnvironmentVariable("CONDA_PREFIX") is { Length: > 0 } conda)
            yield return Path.Combine(conda, "lib");
    }

    private static IEnumerable<string> PythonLibraries()
    {
        // A Python of the search path, also one of an environment, has its packages beside the folder of its program.
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        IEnumerable<string?> onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(Path.GetDirectoryName);
        return from root in onPath.Append("/usr/local").Append("/usr").Append(Path.Combine(home, ".local")).Distinct()
               where !string.IsNullOrEmpty(root)
               from python in Matching(Path.Combine(root, "lib"), "python3*")
               from folder in (string[])["site-packages", "dist-packages"]
               select Path.Combine(python, folder);
    }

    private static string[] Matching(string folder, string pattern)
    {
        try
        {
            string[] found = Directory.Exists(folder) ? Directory.GetDirectories(folder, pattern) : [];
            Array.Sort(found, StringComparer.Ordinal);
            Array.Reverse(found);
            return found;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
