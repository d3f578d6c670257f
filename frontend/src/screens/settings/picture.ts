/**
 * Cuts a picture to the square that others see and makes it small: on this device, before anything is uploaded. What
 * else the file tells, as where it was taken, stays behind.
 */

export const PICTURE_TYPES = ["image/jpeg", "image/png", "image/gif", "image/webp"] as const;
const MEGABYTE = 1_024 * 1_024;
/** A chosen file has no more bytes; what is made of it has a tenth of the megabyte that the service takes. */
const MOST = 25 * MEGABYTE;
export const PICTURE_LIMITS = "A JPEG, PNG, GIF or WebP picture of 25 MB at most.";
/** Of the square, in px. */
export const SIDE = 512;
const QUALITY = 0.85;

/** Reads a file; throws an Error whose message says what to choose instead. */
export async function readPicture(file: File): Promise<ImageBitmap> {
  if (!PICTURE_TYPES.some((type) => type === file.type) || file.size > MOST) {
    throw new Error(`This cannot be taken. Choose another: ${PICTURE_LIMITS}`);
  }
  try {
    return await createImageBitmap(file);
  } catch {
    throw new Error("This file cannot be shown as a picture: choose another.");
  }
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The square that is cut out; `at` 0 is at the picture's left or upper edge, 1 at the other. */
export function squareOf({ width, height }: Size, at: number): { x: number; y: number; side: number } {
  const side = Math.min(width, height);
  return { x: (width - side) * at, y: (height - side) * at, side };
}

/** Draws the square into a canvas of SIDE px. */
export function drawSquare(canvas: HTMLCanvasElement, picture: ImageBitmap, at: number): void {
  const pen = canvas.getContext("2d");
  if (pen !== null) {
    const { x, y, side } = squareOf(picture, at);
    pen.fillStyle = "white"; // JPEG has no transparency
    pen.fillRect(0, 0, SIDE, SIDE);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(picture, x, y, side, side, 0, 0, SIDE, SIDE);
  }
}

/** What is drawn, as a JPEG. */
export function encoded(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const take = (blob: Blob | null) =>
      blob === null
        ? reject(new Error("The picture could not be made smaller: choose another."))
        : resolve(blob);
    canvas.toBlob(take, "image/jpeg", QUALITY);
  });
}
